// One asset: its charts, its alarms, its last readings, its facts.

import { useEffect, useMemo, useState } from "preact/hooks";
import { AlarmList } from "./alarms";
import { api } from "./api";
import type { Alarm, Asset, Point } from "./contract";
import { useCorrections } from "./corrective/polling";
import { Facts } from "./facts";
import { age, celsius, moment, type Zone } from "./format";
import { ClockIcon, StateIcon } from "./icons";
import { mergeAlarms } from "./merge";
import { known } from "./messages";
import { usePrefs } from "./prefs";
import { Plot } from "./plot";
import { Readings } from "./readings";
import { assetHref } from "./route";
import type { Interval } from "./series";
import type { AssetState } from "./state";
import { store, useStore } from "./store";
import { note, ownClockOff } from "./tile";
import "./style/asset.css";

const HOUR_MS = 3_600_000;
export const RANGES = { "1h": HOUR_MS, "6h": 6 * HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS } as const;
export type Range = keyof typeof RANGES;
const RANGE_NAMES = Object.keys(RANGES) as Range[];
/** Where in the window a moment that was asked for stands: a third in, so that what led to it is seen. */
const LEAD_IN = 1 / 3;
const CHART_PX = 300;
const SECOND_CHART_PX = 200;
/** The only chart of an asset, where there is room beside the cards. */
const LONE_CHART_PX = 440;
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const WIDE = matchMedia("(min-width: 1100px)");

export function AssetPage({ id, query }: { id: string; query: URLSearchParams }) {
  const { t } = usePrefs();
  const { registry } = useStore();
  if (!registry) return <p class="quiet">{t("connecting")}</p>;
  const asset = registry.assets.get(id);
  if (!asset)
    return (
      <p class="quiet">
        {t("asset.missing", { id })} <a href="#/">{t("asset.back")}</a>
      </p>
    );
  const state = store.states().find((one) => one.asset.id === id);
  return state ? <Known asset={asset} state={state} query={query} /> : null;
}

function Known({ asset, state, query }: { asset: Asset; state: AssetState; query: URLSearchParams }) {
  const { t } = usePrefs();
  const registry = store.registry;
  const alarms = useAlarmsOf(asset.id);
  const corrections = useCorrections();
  const nowMs = store.nowMs();
  const { range, window, live } = windowOf(query, alarms, nowMs);
  const points = [...(state.lead ? [state.lead] : []), ...state.others].map((judged) => judged.point);
  // Charts keep their places while states change: in the order of the registry.
  const ordered = asset.points.flatMap((id) => points.filter((point) => point.id === id));
  const door = state.doors[0]?.point ?? null;
  const zone = store.zone(asset.site);
  return (
    <div class="asset-page">
      <Title asset={asset} state={state} nowMs={nowMs} />
      <div class="asset-main">
        <Ranges asset={asset.id} range={range} window={window} live={live} nowMs={nowMs} zone={zone} />
        {ordered.map((point, i) => (
          <Plot
            key={point.id}
            point={point}
            door={i === 0 ? door : null}
            window={window}
            live={live}
            height={chartPx(i, ordered)}
            zone={zone}
            alarms={alarms.filter((alarm) => alarm.point === point.id && alarm.state !== "retracted" && alarm.state !== "merged")}
          />
        ))}
      </div>
      <div class="asset-side">
        {alarms.length > 0 && (
          <section class="card" aria-labelledby="asset-alarms">
            <h2 id="asset-alarms">{t("asset.alarms")}</h2>
            <AlarmList alarms={alarms.slice(0, 8)} corrections={corrections} />
          </section>
        )}
        <Readings points={ordered} untilMs={live ? null : window.toMs} zone={zone} />
        <Facts asset={asset} site={registry?.sites.get(asset.site) ?? null} />
      </div>
    </div>
  );
}

function chartPx(place: number, points: Point[]): number {
  if (place > 0) return SECOND_CHART_PX;
  return points.length === 1 && WIDE.matches ? LONE_CHART_PX : CHART_PX;
}

function Title({ asset, state, nowMs }: { asset: Asset; state: AssetState; nowMs: number }) {
  const { t, language } = usePrefs();
  const site = store.registry?.sites.get(asset.site);
  const latest = state.lead?.latest ?? null;
  const since = state.lead?.alarm?.onset ?? state.lead?.pending?.since ?? null;
  return (
    <div class={`asset-title s-${state.state}${state.lead?.stale ? " stale" : ""}`}>
      <div>
        <p class="crumb">
          <a href="#/">{t("nav.overview")}</a> / <bdi>{site?.name ?? asset.site}</bdi>
        </p>
        <h1 dir="auto">{asset.name}</h1>
        <p class="asset-kind">
          {known(t, "kind", asset.kind)} · {asset.id}
        </p>
      </div>
      <p class="asset-now">
        <span class="degrees">{celsius(latest?.value ?? null)}</span>
        <span class="unit">{t("celsius")}</span>
      </p>
      <p class="asset-state">
        <span class="state-line">
          <StateIcon state={state.state} />
          <b>{t(`state.${state.state}`)}</b>
        </span>
        <span>
          {note(state, nowMs, t)}
          {since && ` · ${t("alarm.onset", { time: moment(Date.parse(since), nowMs, language, store.zone(asset.site)) })}`}
        </span>
        {latest && <span class="tile-age">{t("asset.measured", { age: age(nowMs - latest.measuredAtMs, t) })}</span>}
        {ownClockOff(state) && (
          <span class="own-clock">
            <ClockIcon label="" /> {t("asset.own-clock")}
          </span>
        )}
      </p>
    </div>
  );
}

function Ranges(props: { asset: string; range: Range; window: Interval; live: boolean; nowMs: number; zone: Zone }) {
  const { t, language } = usePrefs();
  const { asset, range, window, live, nowMs, zone } = props;
  const middle = window.fromMs + (window.toMs - window.fromMs) * LEAD_IN;
  const shift = (by: number) => {
    const at = Math.round(middle + by * RANGES[range]);
    const end = at + RANGES[range] * (1 - LEAD_IN);
    return end >= nowMs ? assetHref(asset, { range }) : assetHref(asset, { range, at });
  };
  return (
    <div class="ranges">
      <div class="segments" role="group" aria-label={t("asset.range")}>
        {RANGE_NAMES.map((name) => (
          <a
            key={name}
            href={assetHref(asset, live ? { range: name } : { range: name, at: Math.round(middle) })}
            aria-current={name === range ? "true" : undefined}
          >
            {t(`range.${name}`)}
          </a>
        ))}
      </div>
      <div class="segments">
        <a href={shift(-0.5)} aria-label={t("asset.earlier")} title={t("asset.earlier")}>
          ‹
        </a>
        {!live && (
          <a href={shift(0.5)} aria-label={t("asset.later")} title={t("asset.later")}>
            ›
          </a>
        )}
        {!live && <a href={assetHref(asset, { range })}>{t("asset.now")}</a>}
      </div>
      <span class="window">
        {t("asset.window", {
          from: moment(window.fromMs, nowMs, language, zone),
          to: moment(window.toMs, nowMs, language, zone),
        })}
        {zone && zone !== OWN_ZONE && ` (${zone})`}
      </span>
    </div>
  );
}

/** Without a moment the window ends now and moves; with one it stands still around it. */
export function windowOf(
  query: URLSearchParams,
  alarms: readonly Alarm[],
  nowMs: number,
): { range: Range; window: Interval; live: boolean } {
  const named = query.get("range");
  const at = Number(query.get("at") ?? Number.NaN);
  if (!Number.isFinite(at) || at <= 0) {
    const range = isRange(named) ? named : "6h";
    return { range, window: { fromMs: nowMs - RANGES[range], toMs: nowMs }, live: true };
  }
  const alarm = alarms.find((one) => one.id === query.get("alarm") || Date.parse(one.onset) === at);
  const end = alarm ? (alarm.ended ? Date.parse(alarm.ended) : nowMs) : at;
  const range = isRange(named) ? named : (RANGE_NAMES.find((name) => RANGES[name] * (1 - LEAD_IN) >= end - at) ?? "7d");
  const fromMs = at - RANGES[range] * LEAD_IN;
  const toMs = fromMs + RANGES[range];
  if (toMs >= nowMs) return { range, window: { fromMs: nowMs - RANGES[range], toMs: nowMs }, live: true };
  return { range, window: { fromMs, toMs }, live: false };
}

function isRange(name: string | null): name is Range {
  return name !== null && Object.hasOwn(RANGES, name);
}

/** Alarms of one asset: what the socket said, and once what the server keeps from before. */
function useAlarmsOf(asset: string): Alarm[] {
  const [kept, setKept] = useState<ReadonlyMap<string, Alarm>>(new Map());
  useEffect(() => {
    let gone = false;
    api.alarms("all", null, 200, asset).then(
      (page) => gone || setKept(mergeAlarms(new Map(), page.items)),
      () => undefined, // the charts stand without the marks; the alarms page says what went wrong
    );
    return () => void (gone = true);
  }, [asset]);
  const heard = store.picture.alarms;
  return useMemo(
    () =>
      [...mergeAlarms(kept, [...heard.values()]).values()]
        .filter((alarm) => alarm.asset === asset)
        .sort((a, b) => b.onset.localeCompare(a.onset)),
    [kept, heard, asset],
  );
}
