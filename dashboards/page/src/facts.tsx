// What the registry knows about an asset, and the rule in force in words.

import type { Asset, Point, Rule, Site } from "./contract";
import { duration, limit as plain } from "./format";
import { known, type Translate } from "./messages";
import { usePrefs } from "./prefs";
import { store } from "./store";

export function Facts({ asset, site }: { asset: Asset; site: Site | null }) {
  const { t } = usePrefs();
  const points = asset.points.flatMap((id) => store.registry?.points.get(id) ?? []);
  const nodes = [...new Set(points.map((point) => point.node))];
  const evidence = [...new Set(points.flatMap((point) => point.evidence ?? []))];
  return (
    <section class="card facts" aria-labelledby="facts-title">
      <h2 id="facts-title">{t("asset.facts")}</h2>
      <dl>
        <Fact name={t("asset.site")}>
          <bdi>{site?.name ?? asset.site}</bdi>
          {site && ` (${known(t, "site", site.kind)})`}
        </Fact>
        {site?.operator && (
          <Fact name={t("asset.operator")}>
            <bdi>{site.operator_name ?? site.operator}</bdi>
          </Fact>
        )}
        {site?.address && (
          <Fact name={t("asset.address")}>
            <bdi>{site.address}</bdi>
          </Fact>
        )}
        {site?.region && (
          <Fact name={t("asset.region")}>
            <bdi>{site.region_name}</bdi>
          </Fact>
        )}
        {site?.opening_hours && <Fact name={t("asset.hours")}>{site.opening_hours}</Fact>}
        {site?.timezone && <Fact name={t("asset.timezone")}>{site.timezone}</Fact>}
        <Fact name={t("asset.kind")}>{known(t, "kind", asset.kind)}</Fact>
        <Fact name={t("asset.id")}>{asset.id}</Fact>
        <Fact name={t("asset.gateway")}>
          {nodes.map((node) => (
            <GatewayWords key={node} node={node} />
          ))}
        </Fact>
        {evidence.length > 0 && (
          <Fact name={t("asset.evidence")}>{evidence.map((word) => known(t, "evidence", word)).join(" · ")}</Fact>
        )}
      </dl>
      <h3>{t("asset.points")}</h3>
      <ul class="points">
        {points.map((point) => (
          <li key={point.id}>
            <b>{known(t, "position", point.position)}</b>{" "}
            <span class="muted">
              {known(t, "quantity", point.quantity)}, {t("asset.interval", { duration: duration(point.interval_s, t) })}
            </span>
            {point.quantity === "temperature" && <RuleWords point={point} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function GatewayWords({ node }: { node: string }) {
  const { t } = usePrefs();
  const gateway = store.picture.gateways.get(node);
  let words = "";
  if (gateway && !gateway.online)
    words = t("gateway.offline", { duration: duration((store.nowMs() - Date.parse(gateway.since)) / 1000, t) });
  else if (gateway) words = gateway.behind_batches > 0 ? t("gateway.behind", { n: gateway.behind_batches }) : t("gateway.online");
  return (
    <span class="node">
      {node}
      {words && ` · ${words}`}
    </span>
  );
}

function RuleWords({ point }: { point: Point }) {
  const { t } = usePrefs();
  const lines = point.rule ? ruleLines(point.rule, t) : [t("asset.norule")];
  return (
    <ul class="rule">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** Say a rule the way a person would: when it rings, and when it is over. */
export function ruleLines(rule: Rule, t: Translate): string[] {
  const lines: string[] = [];
  const delay = duration(rule.on_delay_s, t);
  const back = duration(rule.return_delay_s, t);
  for (const side of ["high", "low"] as const) {
    const limit = side === "high" ? rule.high_celsius : rule.low_celsius;
    if (limit === null) continue;
    const inside = side === "high" ? limit - rule.deadband_kelvin : limit + rule.deadband_kelvin;
    lines.push(rule.on_delay_s > 0 ? t(`rule.${side}`, { limit: plain(limit), delay }) : t(`rule.${side}.now`, { limit: plain(limit) }));
    lines.push(t(`rule.return.${side}`, { limit: plain(inside), delay: back }));
  }
  return lines.length ? lines : [t("asset.norule")];
}
