// Rollups become columns for the chart; a hole is drawn as a hole and no line crosses it.

import type { Alarm, LimitStep, Rollups, Span } from "./contract";

export interface Interval {
  fromMs: number;
  toMs: number;
}

/** Columns of equal length; null where the line must break. x in seconds, the rest in °C. */
export interface Columns {
  x: number[];
  min: (number | null)[];
  max: (number | null)[];
  mean: (number | null)[];
}

export interface Sample {
  atMs: number;
  value: number;
}

export interface Limit {
  fromMs: number;
  toMs: number;
  high: number | null;
  low: number | null;
}

/**
 * Return the columns of a chart: buckets, then live samples later than the last bucket.
 *
 * A bucket that a hole runs through is drawn at the hole's edge, and between two neighbours with a hole in
 * between stands a null, so that neither the line nor the envelope bridges it.
 */
export function columns(rollups: Rollups, tail: Sample[], holes: Interval[]): Columns {
  const rows: { x: number; min: number; max: number; mean: number }[] = [];
  // The last bucket is not full yet when it was asked for: it ends there, and what came later follows it.
  const askedMs = Date.parse(rollups.to);
  let lastEnd = Number.NEGATIVE_INFINITY;
  for (const item of rollups.items) {
    const start = Date.parse(item.start);
    lastEnd = Math.max(start, Math.min(start + rollups.bucket_s * 1000, askedMs));
    const middle = (start + lastEnd) / 2;
    rows.push({ x: outsideHoles(middle, start, lastEnd, holes), min: item.min, max: item.max, mean: item.mean });
  }
  for (const sample of tail) {
    if (sample.atMs < lastEnd) continue;
    rows.push({ x: sample.atMs, min: sample.value, max: sample.value, mean: sample.value });
  }

  const out: Columns = { x: [], min: [], max: [], mean: [] };
  let before: number | null = null;
  for (const row of rows) {
    if (before !== null && row.x <= before) continue;
    if (before !== null && crosses(before, row.x, holes)) {
      out.x.push((before + row.x) / 2000);
      out.min.push(null);
      out.max.push(null);
      out.mean.push(null);
    }
    out.x.push(row.x / 1000);
    out.min.push(row.min);
    out.max.push(row.max);
    out.mean.push(row.mean);
    before = row.x;
  }
  return out;
}

function outsideHoles(middle: number, start: number, end: number, holes: Interval[]): number {
  for (const hole of holes) {
    if (middle <= hole.fromMs || middle >= hole.toMs) continue;
    return hole.fromMs > start ? hole.fromMs : Math.min(hole.toMs, end);
  }
  return middle;
}

function crosses(fromMs: number, toMs: number, holes: Interval[]): boolean {
  return holes.some((hole) => hole.fromMs < toMs && hole.toMs > fromMs);
}

/**
 * Return every hole to draw, merged and in order: those the server found, those between live samples, and
 * the one that is still running at the right edge.
 */
export function allHoles(
  said: Span[],
  tail: Sample[],
  lastDataMs: number | null,
  intervalS: number,
  window: Interval,
): Interval[] {
  const tooLong = 2 * intervalS * 1000;
  const holes: Interval[] = said.map(interval);
  for (let i = 1; i < tail.length; i++) {
    const a = tail[i - 1] as Sample;
    const b = tail[i] as Sample;
    if (b.atMs - a.atMs > tooLong) holes.push({ fromMs: a.atMs, toMs: b.atMs });
  }
  const edge = Math.max(lastDataMs ?? window.fromMs, window.fromMs);
  if (window.toMs - edge > tooLong) holes.push({ fromMs: edge, toMs: window.toMs });
  return union(holes.map((hole) => clip(hole, window)).filter((hole) => hole.toMs > hole.fromMs));
}

export function union(intervals: Interval[]): Interval[] {
  const out: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = out.at(-1);
    if (last && next.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, next.toMs);
    else out.push({ ...next });
  }
  return out;
}

/** Return the parts of intervals that no other interval covers; both in order and apart. */
export function without(intervals: Interval[], covers: Interval[]): Interval[] {
  return intervals.flatMap((whole) => {
    const left: Interval[] = [];
    let fromMs = whole.fromMs;
    for (const cover of covers) {
      if (cover.toMs <= fromMs || cover.fromMs >= whole.toMs) continue;
      if (cover.fromMs > fromMs) left.push({ fromMs, toMs: cover.fromMs });
      fromMs = Math.max(fromMs, cover.toMs);
    }
    if (fromMs < whole.toMs) left.push({ fromMs, toMs: whole.toMs });
    return left;
  });
}

/** Return limits as steps that each hold until the next one begins. */
export function limitSteps(steps: LimitStep[], window: Interval): Limit[] {
  const sorted = [...steps].sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  return sorted
    .map((step, i) => {
      const next = sorted[i + 1];
      return {
        fromMs: Math.max(Date.parse(step.from), window.fromMs),
        toMs: Math.min(next ? Date.parse(next.from) : window.toMs, window.toMs),
        high: step.high_celsius,
        low: step.low_celsius,
      };
    })
    .filter((step) => step.toMs > step.fromMs);
}

/** Return onset to end of an alarm inside the window; an open alarm reaches to now. */
export function alarmInterval(alarm: Alarm, nowMs: number, window: Interval): Interval | null {
  const whole = { fromMs: Date.parse(alarm.onset), toMs: alarm.ended ? Date.parse(alarm.ended) : nowMs };
  const seen = clip(whole, window);
  return seen.toMs > seen.fromMs ? seen : null;
}

export function interval(span: Span): Interval {
  return { fromMs: Date.parse(span.from), toMs: Date.parse(span.to) };
}

function clip(hole: Interval, window: Interval): Interval {
  return { fromMs: Math.max(hole.fromMs, window.fromMs), toMs: Math.min(hole.toMs, window.toMs) };
}
