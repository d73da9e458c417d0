// The wall: every asset as a tile, by region and site, what needs a human first.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { AlarmColumn } from "./alarms";
import type { Site } from "./contract";
import { duration } from "./format";
import { known } from "./messages";
import { usePrefs } from "./prefs";
import { groupByRegion } from "./regions";
import { shelves } from "./shelves";
import { type AssetState, type State, STATES, urgency } from "./state";
import { store, useStore } from "./store";
import { Tile } from "./tile";

interface Group {
  id: string;
  site: Site | null;
  states: AssetState[];
}

/** Sites with the worst asset first, tiles likewise; names decide between equals, so nothing dances. */
export function groupBySite(states: readonly AssetState[], sites: ReadonlyMap<string, Site>): Group[] {
  const groups = new Map<string, Group>();
  for (const state of states) {
    const id = state.asset.site;
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { id, site: sites.get(id) ?? null, states: [] }));
    group.states.push(state);
  }
  const list = [...groups.values()];
  for (const group of list) group.states.sort((a, b) => urgency(a) - urgency(b) || byName(a.asset.name, b.asset.name));
  const worst = ({ states: [first] }: Group) => (first ? urgency(first) : Number.POSITIVE_INFINITY);
  return list.sort((a, b) => worst(a) - worst(b) || byName(a.site?.name ?? a.id, b.site?.name ?? b.id));
}

const collator = new Intl.Collator("zh-CN", { numeric: true });
const byName = (a: string, b: string) => collator.compare(a, b);

const SEARCH_FROM_ASSETS = 12;

export function Overview({ query }: { query: URLSearchParams }) {
  const { t } = usePrefs();
  useStore();
  const [text, setText] = useState("");
  const { registry } = store;
  if (!registry) return <p class="quiet">{t("connecting")}</p>;

  const wanted = query.get("state");
  const state = STATES.includes(wanted as State) ? (wanted as State) : null;
  const shown = store
    .states()
    .filter((one) => (!state || one.state === state) && matches(one, text, registry.sites.get(one.asset.site)));
  const groups = groupBySite(shown, registry.sites);
  const areas = groupByRegion(groups);
  return (
      <div class={`wall${store.down ? " frozen" : ""}`}>
        <h1 class="unseen">{t("overview.title")}</h1>
        <div class="side">
          {registry.assets.size >= SEARCH_FROM_ASSETS && (
            <div class="find">
              <input
                type="search"
                value={text}
                placeholder={t("overview.search")}
                aria-label={t("overview.search")}
                onInput={(event) => setText(event.currentTarget.value)}
              />
              {state && (
                <a class="chip" href="#/">
                  {t(`state.${state}`)} <span aria-hidden="true">×</span>
                  <span class="unseen">{t("overview.all")}</span>
                </a>
              )}
            </div>
          )}
          <AlarmColumn />
        </div>
        <div class="board">
          {groups.length === 0 && (
            <p class="quiet">{t(registry.assets.size === 0 ? "overview.empty" : "overview.none")}</p>
          )}
          {areas.map((area) => (
            <section key={area.id} class="area" aria-label={area.name || undefined}>
              {areas.length > 1 && (
                <h2 class="region" dir="auto">
                  {area.name || t("overview.region.none")}
                  <span class="region-count">{t("overview.region", { n: area.groups.length })}</span>
                </h2>
              )}
              <Groups groups={area.groups} alone={areas.length === 1} />
            </section>
          ))}
        </div>
      </div>
  );
}

function matches(one: AssetState, text: string, site: Site | undefined): boolean {
  const words = text.trim().toLowerCase().split(/\s+/);
  const hay = `${one.asset.name} ${one.asset.id} ${site?.name ?? ""} ${site?.address ?? ""}`.toLowerCase();
  return words.every((word) => hay.includes(word));
}

const TILE_MIN_PX = 166;
const GAP_PX = 10;
/** So few rows leave the wall half empty: their tiles may be taller. */
const ROOMY_ROWS = 4;
/** A narrower board is a phone in one hand: one tile a row. */
const ONE_COLUMN_PX = 560;

export function columnsFor(widthPx: number): number {
  return widthPx < ONE_COLUMN_PX ? 1 : Math.floor((widthPx + GAP_PX) / (TILE_MIN_PX + GAP_PX));
}

/** States that call for nobody; a site with only these may stand where there is room. */
const CALM: ReadonlySet<State> = new Set(["in-range", "unjudged"]);

/** Sites share rows of one grid: a site is as wide as its tiles, up to the whole row. */
function Groups({ groups, alone }: { groups: Group[]; alone: boolean }) {
  const { t } = usePrefs();
  const box = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(1);
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return;
    const measure = () => setColumns(columnsFor(node.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    measure();
    return () => observer.disconnect();
  }, []);
  const sized = groups.map((group) => ({
    group,
    columns: Math.min(columns, group.states.length),
    calm: group.states.every(({ state }) => CALM.has(state)),
  }));
  const rows = shelves(sized, columns);
  const lines = rows.reduce((sum, row) => sum + Math.max(...row.map(({ group }) => Math.ceil(group.states.length / columns))), 0);
  const roomy = alone && columns > 1 && lines <= ROOMY_ROWS;
  return (
    <div class={`groups${roomy ? " roomy" : ""}`} ref={box} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {rows.flatMap((row) => row.map(({ group, calm, columns: wide }, place) => {
        const tiles = group.states.map((state) => <Tile key={state.asset.id} shown={state} nowMs={store.nowMs()} />);
        if (columns === 1 && !alone && calm)
          return (
            <details key={group.id} class="group folded">
              <summary>
                <SiteHeading group={group} narrow={false} level="h3" />
                <span class="calm-count">{t("overview.calm", { n: group.states.length })}</span>
              </summary>
              {tiles}
            </details>
          );
        return (
          <section
            key={group.id}
            class="group"
            aria-labelledby={`site-${group.id}`}
            style={{ gridColumn: `${place === 0 ? 1 : "auto"} / span ${wide}` }}
          >
            <SiteHeading group={group} narrow={wide === 1 && columns > 1} level={alone ? "h2" : "h3"} />
            {tiles}
          </section>
        );
      }))}
    </div>
  );
}

function SiteHeading({ group, narrow, level: Level }: { group: Group; narrow: boolean; level: "h2" | "h3" }) {
  const { t } = usePrefs();
  // A fleet has a gateway in each truck; only a site with one gateway has a word for the whole site.
  const nodes = new Set(group.states.map((state) => state.gateway?.node));
  const only = nodes.size === 1 ? group.states[0]?.gateway : null;
  const gateway = only && !narrow && (!only.online || only.behind_batches > 0) ? only : null;
  return (
    <Level class="site" id={`site-${group.id}`} title={group.site?.address ?? undefined}>
      <span class="site-name" dir="auto">{group.site?.name ?? group.id}</span>
      {group.site && <span class={narrow ? "unseen" : "site-kind"}>{known(t, "site", group.site.kind)}</span>}
      {gateway && !gateway.online && (
        <span class="site-note offline">
          {t("gateway.offline", { duration: duration((store.nowMs() - Date.parse(gateway.since)) / 1000, t) })}
        </span>
      )}
      {gateway?.online && <span class="site-note">{t("gateway.behind", { n: gateway.behind_batches })}</span>}
    </Level>
  );
}
