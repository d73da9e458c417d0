// What a tile says: from the latest value, its age, the rule, the alarm and the gateway to one state.
//
// Order of judgement: an open alarm stands whatever else is true; old data says nothing about now;
// then the probe's own word; then the limits. The page never judges an alarm itself: that a value is outside
// while the on-delay runs, since when, and how much of it has passed, is what the server says.

import { type Alarm, type AlarmRule, type Asset, type Gateway, type Point, QUALITY, type Rule } from "./contract";
import type { Latest, PendingSeen, Picture } from "./merge";

export const STATES = [
  "alarm",
  "above",
  "below",
  "pending",
  "fault",
  "no-data",
  "catching-up",
  "in-range",
  "unjudged",
] as const;

/** What needs a human comes first; the order of this list is the order on the wall. */
export type State = (typeof STATES)[number];

export const RANK: Readonly<Record<State, number>> = Object.fromEntries(
  STATES.map((state, rank) => [state, rank]),
) as Record<State, number>;

export type Side = "high" | "low";

/** A value older than this many expected intervals is no longer news. */
export const STALE_INTERVALS = 2;

export interface PointState {
  point: Point;
  state: State;
  latest: Latest | null;
  stale: boolean;
  /** Which limit is broken, or was, for an alarm. */
  side: Side | null;
  limitCelsius: number | null;
  alarm: Alarm | null;
  /** Since when the value is outside, as the server said; null while it has not yet. */
  pending: PendingSeen | null;
}

export interface AssetState {
  asset: Asset;
  state: State;
  /** The point whose value is shown large. */
  lead: PointState | null;
  others: PointState[];
  doors: PointState[];
  gateway: Gateway | null;
}

export function side(value: number, rule: Rule): Side | null {
  if (rule.high_celsius !== null && value >= rule.high_celsius) return "high";
  if (rule.low_celsius !== null && value <= rule.low_celsius) return "low";
  return null;
}

/** Which side of its range an alarm is about. */
export function sideOf(rule: AlarmRule): Side {
  return rule === "low" || rule === "freeze" ? "low" : "high";
}

/** Return the state of one measuring point. */
export function judgePoint(
  point: Point,
  latest: Latest | null,
  alarm: Alarm | null,
  gateway: Gateway | null,
  pending: PendingSeen | null,
  nowMs: number,
): PointState {
  const rule = point.rule;
  const ageMs = latest ? nowMs - latest.measuredAtMs : Number.POSITIVE_INFINITY;
  const stale = ageMs > STALE_INTERVALS * point.interval_s * 1000;
  const found = { point, latest, stale, alarm, side: null, limitCelsius: null, pending: null };

  if (alarm) return { ...found, state: "alarm", side: sideOf(alarm.rule), limitCelsius: alarm.unit === "Cel" ? alarm.limit : null };
  if (stale) {
    const catchingUp = gateway !== null && gateway.online && gateway.behind_batches > 0;
    return { ...found, state: catchingUp ? "catching-up" : "no-data" };
  }
  if (latest === null || latest.value === null || latest.quality & QUALITY.fault) return { ...found, state: "fault" };
  if (rule === null) return { ...found, state: "unjudged" };

  const broken = side(latest.value, rule);
  if (broken === null) return { ...found, state: "in-range" };
  const runs = pending?.rule === broken ? pending : null;
  const waits = (runs?.held_s ?? 0) < rule.on_delay_s;
  return {
    ...found,
    state: waits ? "pending" : broken === "high" ? "above" : "below",
    side: broken,
    limitCelsius: broken === "high" ? rule.high_celsius : rule.low_celsius,
    pending: runs,
  };
}

/** Return how long until a pending point alarms if it stays outside, in s, never below 0; null when not known. */
export function untilAlarmS({ point, pending }: PointState, nowMs: number): number | null {
  if (!pending || !point.rule || pending.heldAtMs === null) return null;
  return Math.max(0, point.rule.on_delay_s - pending.held_s - Math.max(0, nowMs - pending.heldAtMs) / 1000);
}

/** Which place in an asset speaks for it when all is equally well: the judged one, then the coldest promise. */
const POSITION_ORDER = ["product", "return-air", "air", "supply-air", "door"];

function placeInOrder(point: Point): number {
  const place = POSITION_ORDER.indexOf(point.position);
  return (point.rule ? 0 : 100) + (place < 0 ? POSITION_ORDER.length : place);
}

/** Return the state of an asset: that of its worst temperature point. */
export function judgeAsset(
  asset: Asset,
  points: ReadonlyMap<string, Point>,
  picture: Picture,
  openAlarms: ReadonlyMap<string, Alarm>,
  nowMs: number,
): AssetState {
  const temperatures: PointState[] = [];
  const doors: PointState[] = [];
  let gateway: Gateway | null = null;
  for (const id of asset.points) {
    const point = points.get(id);
    if (!point) continue;
    const via = picture.gateways.get(point.node) ?? null;
    gateway ??= via;
    const judged = judgePoint(
      point,
      picture.latest.get(id) ?? null,
      openAlarms.get(id) ?? null,
      via,
      picture.pending.get(id) ?? null,
      nowMs,
    );
    if (point.quantity === "temperature") temperatures.push(judged);
    else if (point.quantity === "door") doors.push(judged);
  }
  temperatures.sort((a, b) => RANK[a.state] - RANK[b.state] || placeInOrder(a.point) - placeInOrder(b.point));
  const [lead = null, ...others] = temperatures;
  return { asset, state: lead?.state ?? "no-data", lead, others, doors, gateway };
}

/** The order on the wall within a site and of the sites: state first, then how grave the alarm is, or how near it. */
export function urgency({ state, lead }: AssetState): number {
  const alarm = lead?.alarm;
  const lesser = alarm ? Number(alarm.severity !== "critical") * 2 + Number(alarm.state !== "unacknowledged") : 0;
  return RANK[state] * 4 + lesser + (state === "pending" ? 3 * leftShare(lead) : 0);
}

/** How much of the on-delay is still to pass, 0 to 1; all of it while the server has not said. */
function leftShare(lead: PointState | null): number {
  const delayS = lead?.point.rule?.on_delay_s ?? 0;
  return delayS > 0 ? 1 - Math.min(1, (lead?.pending?.held_s ?? 0) / delayS) : 0;
}

/** Return the open alarms by point; of several, the most severe, then the oldest. */
export function openByPoint(alarms: Iterable<Alarm>): Map<string, Alarm> {
  const open = new Map<string, Alarm>();
  for (const alarm of alarms) {
    if (!isOpen(alarm)) continue;
    const known = open.get(alarm.point);
    if (!known || compareAlarms(alarm, known) < 0) open.set(alarm.point, alarm);
  }
  return open;
}

/** States in which an alarm calls for nobody: what is shelved stays in the lists and says so. */
const SILENT: ReadonlySet<Alarm["state"]> = new Set(["retracted", "merged", "suppressed", "out-of-service"]);

export function isOpen(alarm: Alarm): boolean {
  return alarm.open && alarm.merged_into === null && !SILENT.has(alarm.state);
}

/** Critical before warning, unacknowledged before acknowledged, then the newest onset. */
export function compareAlarms(a: Alarm, b: Alarm): number {
  return (
    Number(b.severity === "critical") - Number(a.severity === "critical") ||
    Number(b.state === "unacknowledged") - Number(a.state === "unacknowledged") ||
    b.onset.localeCompare(a.onset) ||
    a.id.localeCompare(b.id)
  );
}
