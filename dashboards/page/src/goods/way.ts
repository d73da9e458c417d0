// A lot's history as one drawing: the stretch of each asset, every hole as a hole, the condition of each place as limits.

import type { Drawing } from "../chart";
import type { Alarm } from "../contract";
import { alarmInterval, type Columns, columns, type Interval, interval, union } from "../series";
import { isOpen } from "../state";
import type { LotHistory, LotLeg } from "./shapes";

export function stretchOf(leg: LotLeg, nowMs: number): Interval {
  return { fromMs: Date.parse(leg.from), toMs: leg.to === null ? nowMs : Math.min(Date.parse(leg.to), nowMs) };
}

/** The whole way: from where the first stretch begins to where the last one ends. */
export function wayOf(history: LotHistory, nowMs: number): Interval {
  const stretches = history.legs.map((leg) => stretchOf(leg, nowMs));
  const fromMs = Math.min(...stretches.map((one) => one.fromMs));
  return { fromMs, toMs: Math.max(...stretches.map((one) => one.toMs), fromMs + 1) };
}

/** Return the drawing of a lot's way; `named` says what a stretch is called. */
export function drawingOf(history: LotHistory, alarms: readonly Alarm[], nowMs: number, named: (leg: LotLeg) => string): Drawing {
  const window = wayOf(history, nowMs);
  const holes = union([...history.gaps, ...history.legs.flatMap((leg) => leg.holes)].map(interval));
  const joined: Columns = { x: [], min: [], max: [], mean: [] };
  let before: Interval | null = null;
  for (const leg of history.legs) {
    const stretch = stretchOf(leg, nowMs);
    const part = columnsOf(leg, stretch, history.bucket_s, holes);
    // Between two places that do not meet, or of which nothing is known at the border, no line is drawn.
    if (joined.x.length && part.x.length && before && stretch.fromMs > before.toMs) append(joined, { x: [(before.toMs + stretch.fromMs) / 2000], min: [null], max: [null], mean: [null] });
    append(joined, part);
    before = stretch;
  }
  return {
    window,
    columns: joined,
    holes,
    faults: [],
    limits: history.legs.map((leg) => ({ ...stretchOf(leg, nowMs), high: leg.high_celsius, low: leg.low_celsius })),
    alarms: alarms.flatMap((alarm) => {
      const seen = alarmInterval(alarm, nowMs, window);
      return seen ? [{ ...seen, critical: alarm.severity === "critical", open: isOpen(alarm) && !alarm.ended }] : [];
    }),
    doorsOpen: [],
    marksMs: [],
    stretches: history.legs.map((leg, at) => ({ ...stretchOf(leg, nowMs), name: `${at + 1} ${named(leg)}`, short: String(at + 1) })),
  };
}

function columnsOf(leg: LotLeg, stretch: Interval, bucketS: number, holes: Interval[]): Columns {
  const items = leg.items.map((item) => ({ ...item, start: new Date(Math.max(Date.parse(item.start), stretch.fromMs)).toISOString() }));
  const rollups = { point: leg.point, from: leg.from, to: new Date(stretch.toMs).toISOString(), bucket_s: bucketS, items, holes: [], faults: [], limits: [], marks: [] };
  return columns(rollups, [], holes);
}

function append(to: Columns, more: Columns): void {
  const last = to.x.at(-1) ?? Number.NEGATIVE_INFINITY;
  more.x.forEach((x, at) => {
    if (x <= last) return; // a bucket over the border belongs to the stretch before
    to.x.push(x);
    to.min.push(more.min[at] ?? null);
    to.max.push(more.max[at] ?? null);
    to.mean.push(more.mean[at] ?? null);
  });
}

/** The alarms of the assets on a way that stood while the lot was there. */
export function alarmsOnWay(history: LotHistory, alarms: readonly Alarm[], nowMs: number): Alarm[] {
  return alarms.filter(
    (alarm) =>
      alarm.state !== "retracted" &&
      alarm.state !== "merged" &&
      history.legs.some((leg) => leg.asset === alarm.asset && alarmInterval(alarm, nowMs, stretchOf(leg, nowMs)) !== null),
  );
}
