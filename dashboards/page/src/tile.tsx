// One asset on the wall.

import { Component } from "preact";
import { QUALITY } from "./contract";
import { age, celsius, duration, limit } from "./format";
import { ClockIcon, DoorIcon, StateIcon } from "./icons";
import { known, type Translate } from "./messages";
import { usePrefs } from "./prefs";
import { assetHref } from "./route";
import { Spark } from "./spark";
import { type AssetState, type PointState, untilAlarmS } from "./state";

interface TileProps {
  shown: AssetState;
  nowMs: number;
}

/** A tile is drawn again only when a word on it changes: of two thousand, most stand still in any second. */
export class Tile extends Component<TileProps> {
  override shouldComponentUpdate(next: TileProps): boolean {
    return words(this.props) !== words(next);
  }

  override render() {
    return <Drawn {...this.props} />;
  }
}

function words({ shown, nowMs }: TileProps): string {
  const { state, asset, lead, others, doors, gateway } = shown;
  const said = [lead, ...others, ...doors].map((point) =>
    point ? `${point.point.id} ${point.state} ${point.stale} ${point.latest?.value} ${point.latest?.quality} ${ageStep(nowMs - (point.latest?.measuredAtMs ?? 0))}` : "",
  );
  const pending = lead?.state === "pending" ? `${lead.pending?.since} ${Math.floor(nowMs / 1000)}` : "";
  const alarm = lead?.alarm ? `${lead.alarm.id} ${lead.alarm.version} ${Math.floor(nowMs / 60_000)}` : "";
  return `${asset.name} ${asset.kind} ${state} ${alarm}${pending} ${gateway?.online} ${gateway?.online === false ? Math.floor(nowMs / 60_000) : ""} ${gateway?.behind_batches} ${said.join(" ")}`;
}

/** The steps in which an age is told: seconds, minutes, hours. */
function ageStep(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1000)}s`;
  return ms < 3_600_000 ? `${Math.floor(ms / 60_000)}m` : `${Math.floor(ms / 3_600_000)}h`;
}

function Drawn({ shown, nowMs }: TileProps) {
  const { t } = usePrefs();
  const { asset, state, lead, others, doors } = shown;
  const critical = lead?.alarm?.severity === "critical";
  const now = lead?.latest?.value ?? null;
  return (
    <a
      class={`tile s-${state}${critical ? " critical" : ""}${lead?.stale ? " stale" : ""}`}
      href={lead?.alarm ? assetHref(asset.id, { at: Date.parse(lead.alarm.onset) }) : assetHref(asset.id)}
    >
      <span class="tile-head">
        <span class="tile-name" dir="auto">
          {asset.name}
        </span>
        {lead?.latest && (
          <span class="tile-age">
            {ownClockOff(shown) && <ClockIcon label={t("quality.sensor-clock")} />}
            {age(nowMs - lead.latest.measuredAtMs, t)}
          </span>
        )}
      </span>
      <span class="tile-value">
        <span class="degrees">{celsius(now)}</span>
        <span class="unit">{t("celsius")}</span>
      </span>
      {lead && <Spark judged={lead} />}
      <span class="tile-state">
        <StateIcon state={state} />
        <span>{t(`state.${state}`)}</span>
        {doors.map((door) => (
          <Door key={door.point.id} door={door} />
        ))}
      </span>
      {state !== "in-range" && state !== "unjudged" && <span class="tile-note">{clauses(note(shown, nowMs, t))}</span>}
      <span class="tile-kind">
        <span class="kind">{known(t, "kind", asset.kind)}</span>
        {others.length > 0
          ? shownOf(others).map((other) => <Other key={other.point.id} other={other} />)
          : state === "in-range" && <span class="range">{note(shown, nowMs, t)}</span>}
      </span>
    </a>
  );
}

/** Every place that calls for somebody, and at least the first: more would push the kind off the tile. */
function shownOf(others: PointState[]): PointState[] {
  return others.filter((other, place) => place === 0 || (other.state !== "in-range" && other.state !== "unjudged"));
}

function Other({ other }: { other: PointState }) {
  const { t } = usePrefs();
  return (
    <span class={`other s-${other.state}${other.stale ? " stale" : ""}`}>
      {known(t, "position", other.point.position)}{" "}
      <b>{other.state === "fault" ? t("state.fault") : celsius(other.latest?.value ?? null)}</b>
      {other.state !== "in-range" && other.state !== "unjudged" && <span class="unseen"> {t(`state.${other.state}`)}</span>}
    </span>
  );
}

function Door({ door }: { door: PointState }) {
  const { t } = usePrefs();
  const value = door.stale ? null : (door.latest?.value ?? null);
  if (value === null) return null;
  return (
    <span class={`door ${value ? "open" : "closed"}`}>
      <DoorIcon open={value !== 0} />
      <span class="unseen">{t("door.word")} </span>
      {t(value ? "door.open" : "door.closed")}
    </span>
  );
}

/** Lines break between clauses, never between a number and its unit. */
function clauses(text: string) {
  return (text.match(/[^,]+,? ?/g) ?? []).map((clause) => <span key={clause}>{clause}</span>);
}

/** The one line under the state: why, since when, or which range is held. */
export function note({ state, lead, gateway }: AssetState, nowMs: number, t: Translate): string {
  if (!lead) return t("tile.never");
  const { rule } = lead.point;
  const broken = lead.limitCelsius === null ? "" : limit(lead.limitCelsius);
  switch (state) {
    case "alarm": {
      const alarm = lead.alarm;
      if (!alarm || !lead.side) return "";
      return t(`tile.alarm.${lead.side}`, { limit: broken, duration: duration((nowMs - Date.parse(alarm.onset)) / 1000, t) });
    }
    case "above":
    case "below":
      return t(`tile.${state}`, { limit: broken });
    case "pending":
      return lead.side && rule ? pendingWords(lead, lead.side, rule.on_delay_s, nowMs, t) : "";
    case "fault":
      return t("tile.fault");
    case "catching-up":
      return t("tile.behind", { n: gateway?.behind_batches ?? 0 });
    case "no-data":
      if (!lead.latest) return t("tile.never");
      if (!gateway || gateway.online) return t("tile.silent");
      return t("gateway.offline", { duration: duration((nowMs - Date.parse(gateway.since)) / 1000, t) });
    case "unjudged":
      return t("tile.unjudged");
    case "in-range":
      return rangeWords(rule?.low_celsius ?? null, rule?.high_celsius ?? null, t);
  }
}

function rangeWords(low: number | null, high: number | null, t: Translate): string {
  if (low !== null && high !== null) return t("tile.range.both", { low: limit(low), high: limit(high) });
  if (high !== null) return t("tile.range.high", { high: limit(high) });
  return low !== null ? t("tile.range.low", { low: limit(low) }) : "";
}

/** Outside since when, and how long until it alarms; the whole delay while the server has not said since when. */
function pendingWords(lead: PointState, side: "high" | "low", delayS: number, nowMs: number, t: Translate): string {
  const broken = lead.limitCelsius === null ? "" : limit(lead.limitCelsius);
  const leftS = untilAlarmS(lead, nowMs);
  if (lead.pending === null || leftS === null) return t(`tile.outside.${side}`, { limit: broken, delay: duration(delayS, t) });
  const lasted = duration((nowMs - Date.parse(lead.pending.since)) / 1000, t);
  if (leftS === 0) return t(`tile.due.${side}`, { limit: broken, duration: lasted });
  // Minutes are rounded up: "1 min" never lies about less time than there is.
  const left = duration(leftS > 60 ? Math.ceil(leftS / 60) * 60 : Math.ceil(leftS), t);
  return t(`tile.pending.${side}`, { limit: broken, duration: lasted, left });
}

/** Whether a probe of this asset tells the wrong time, so that arrival stands for measuring. */
export function ownClockOff({ lead, others }: AssetState): boolean {
  return [lead, ...others].some((one) => one?.latest && one.latest.quality & QUALITY.sensorClock);
}
