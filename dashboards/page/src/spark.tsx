// The last three hours of a tile's point, as a line without words.

import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "./api";
import type { Rollups } from "./contract";
import { allHoles, columns, interval, limitSteps, union, without } from "./series";
import type { PointState } from "./state";
import { store } from "./store";

const SPAN_MS = 3 * 3_600_000;
const BUCKETS = 60;
const REFRESH_MS = 180_000;
const AT_ONCE = 3;
const WIDTH = 80;
const HEIGHT = 30;
/** Less spread than this is drawn as the calm it is, not blown up to full height. */
const LEAST_SPREAD_KELVIN = 3;

let running = 0;
const waiting: (() => void)[] = [];

/** Two thousand tiles must not ask at once: three requests in flight, the rest in turn. */
async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  running++;
  try {
    return await task();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

export function Spark({ judged }: { judged: PointState }) {
  const box = useRef<SVGSVGElement>(null);
  const { id, interval_s } = judged.point;
  const [rollups, setRollups] = useState<Rollups | null>(null);

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    let visible = false;
    let gone = false;
    let askedAt = Number.NEGATIVE_INFINITY;
    const ask = async () => {
      if (!visible || gone || document.hidden || performance.now() - askedAt < REFRESH_MS) return;
      askedAt = performance.now();
      const now = store.nowMs();
      try {
        const got = await inTurn(() => api.rollups(id, now - SPAN_MS, now, BUCKETS));
        if (!gone) setRollups(got);
      } catch {
        // A tile lives without its line; it is asked for again at the next refresh.
      }
    };
    const observer = new IntersectionObserver(([entry]) => {
      visible = entry?.isIntersecting ?? false;
      void ask();
    });
    observer.observe(node);
    const timer = setInterval(() => void ask(), REFRESH_MS / 4);
    return () => {
      gone = true;
      observer.disconnect();
      clearInterval(timer);
    };
  }, [id]);

  return (
    <svg ref={box} class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {rollups && <Drawn rollups={rollups} judged={judged} intervalS={interval_s} />}
    </svg>
  );
}

function Drawn({ rollups, judged, intervalS }: { rollups: Rollups; judged: PointState; intervalS: number }) {
  const now = store.nowMs();
  const window = { fromMs: now - SPAN_MS, toMs: now };
  const { latest } = judged;
  const tail = latest?.value != null ? [{ atMs: latest.measuredAtMs, value: latest.value }] : [];
  const faults = union(rollups.faults.map(interval));
  const holes = without(allHoles(rollups.holes, [], latest?.measuredAtMs ?? null, intervalS, window), faults);
  const { x, mean } = columns(rollups, tail, union([...holes, ...faults]));
  const values = mean.filter((value): value is number => value !== null);
  if (values.length === 0) return null;

  const limits = limitSteps(rollups.limits, window);
  const last = limits.at(-1);
  let low = Math.min(...values);
  let high = Math.max(...values);
  const middle = (low + high) / 2;
  low = Math.min(low, middle - LEAST_SPREAD_KELVIN / 2);
  high = Math.max(high, middle + LEAST_SPREAD_KELVIN / 2);
  const px = (seconds: number) => (((seconds * 1000 - window.fromMs) / SPAN_MS) * WIDTH).toFixed(1);
  const py = (value: number) => (2 + (1 - (value - low) / (high - low)) * (HEIGHT - 4)).toFixed(1);
  const lines = [last?.high, last?.low].filter((value): value is number => value != null && value > low && value < high);
  let path = "";
  let pen = "M";
  x.forEach((seconds, i) => {
    const value = mean[i];
    if (value == null) pen = "M";
    else {
      path += `${pen}${px(seconds)} ${py(value)}`;
      pen = "L";
    }
  });
  return (
    <>
      {[...holes.map((span) => ({ ...span, name: "spark-hole" })), ...faults.map((span) => ({ ...span, name: "spark-fault" }))].map((span) => (
        <rect
          key={span.fromMs}
          class={span.name}
          x={px(span.fromMs / 1000)}
          width={Math.max(0, ((span.toMs - span.fromMs) / SPAN_MS) * WIDTH).toFixed(1)}
          y="0"
          height={HEIGHT}
        />
      ))}
      {lines.map((value) => (
        <path key={value} class="spark-limit" d={`M0 ${py(value)}H${WIDTH}`} vector-effect="non-scaling-stroke" />
      ))}
      <path class="spark-line" d={path} vector-effect="non-scaling-stroke" />
    </>
  );
}
