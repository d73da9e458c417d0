// A point's chart with its heading: fetches rollups, appends what comes live, draws.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "./api";
import { type Chart, type Drawing, type Hover, makeChart } from "./chart";
import { type Alarm, type Point, QUALITY, type Rollups } from "./contract";
import { celsius, duration, exact, moment, type Zone } from "./format";
import type { Latest } from "./merge";
import { markWords } from "./marks";
import { known } from "./messages";
import { usePrefs } from "./prefs";
import { alarmInterval, allHoles, columns, interval, type Interval, limitSteps, type Sample, union, without } from "./series";
import { store } from "./store";
import { isOpen } from "./state";

const BUCKETS = 600;
const REFRESH_LEAST_MS = 30_000;
const TAIL_MAX = 2000;

interface Props {
  point: Point;
  door: Point | null;
  window: Interval;
  live: boolean;
  alarms: Alarm[];
  height: number;
  zone: Zone;
}

export function Plot({ point, door, window, live, alarms, height, zone }: Props) {
  const { t, language } = usePrefs();
  const { rollups, error } = useRollups(point, window, live);
  const doorRollups = useRollups(door, window, live).rollups;
  const tail = useTail(point.id);
  const [hover, setHover] = useState<Hover | null>(null);
  const nowMs = store.nowMs();

  const drawing = useMemo<Drawing | null>(() => {
    if (!rollups) return null;
    const fresh = live ? tail : [];
    const last = lastDataMs(rollups, fresh);
    const upTo = { fromMs: window.fromMs, toMs: Math.min(window.toMs, nowMs) };
    const faults = faultSpans(rollups, live ? (store.picture.latest.get(point.id) ?? null) : null);
    const seen = Math.max(last ?? 0, faults.at(-1)?.toMs ?? 0) || null;
    const longS = Math.max(point.interval_s, rollups.bucket_s / 2);
    const holes = without(allHoles(rollups.holes, fresh, seen, longS, upTo), faults);
    return {
      window,
      holes,
      faults,
      columns: columns(rollups, fresh, union([...holes, ...faults])),
      limits: limitSteps(rollups.limits, window),
      marksMs: rollups.marks.map((mark) => Date.parse(mark.at)),
      doorsOpen: doorRollups ? doorIntervals(doorRollups, door?.interval_s ?? 0) : [],
      alarms: alarms.flatMap((alarm) => {
        const seen = alarmInterval(alarm, nowMs, window);
        return seen ? [{ ...seen, critical: alarm.severity === "critical", open: isOpen(alarm) && !alarm.ended }] : [];
      }),
    };
  }, [rollups, doorRollups, tail, alarms, window, live]);

  const heading = known(t, "position", point.position);
  const nothing = drawing !== null && drawing.columns.x.length === 0;
  return (
    <figure class="plot" aria-labelledby={`plot-${point.id}`}>
      <figcaption id={`plot-${point.id}`}>
        <span class="plot-name">{heading}</span>
        <span class="plot-id">{point.id}</span>
        <span class="plot-read">
          {hover && hover.mean !== null ? (
            <>
              {exact(hover.atMs, language, zone)} · <b>{celsius(hover.mean)} {t("celsius")}</b>
              {hover.min !== hover.max && ` (${celsius(hover.min)} … ${celsius(hover.max)})`}
            </>
          ) : (
            drawing && !nothing && summary(drawing, t)
          )}
        </span>
      </figcaption>
      {error && <p class="problem">{t("error.load", { detail: error })}</p>}
      {nothing && !error && <p class="quiet plot-empty">{t("chart.empty")}</p>}
      {drawing && <Canvas drawing={drawing} height={height} zone={zone} onHover={setHover} label={chartLabel()} />}
      {!drawing && !error && <div class="plot-wait">{t("loading")}</div>}
      {rollups && drawing && (
        <ul class="legend">
          <li class="l-mean">{t("chart.legend.mean")}</li>
          <li class="l-envelope">{t("chart.legend.envelope")}</li>
          {drawing.limits.length > 0 && <li class="l-limit">{t("chart.legend.limit")}</li>}
          {drawing.holes.length > 0 && <li class="l-hole">{t("chart.hole")}</li>}
          {drawing.faults.length > 0 && <li class="l-fault">{t("chart.fault")}</li>}
          {drawing.alarms.length > 0 && <li class={drawing.alarms.some((alarm) => alarm.critical) ? "l-alarm" : "l-alarm warning"}>{t("chart.legend.alarm")}</li>}
          {drawing.doorsOpen.length > 0 && <li class="l-door">{t("chart.legend.door")}</li>}
          <li class="legend-step">{t("chart.bucket", { duration: duration(rollups.bucket_s, t) })}</li>
        </ul>
      )}
      {rollups && rollups.marks.length > 0 && (
        <ul class="marks">
          {rollups.marks.map((mark) => (
            <li key={`${mark.at} ${mark.kind}`}>
              <time dateTime={mark.at}>{moment(Date.parse(mark.at), nowMs, language, zone)}</time> {markWords(mark, t)}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );

  function chartLabel(): string {
    return t("chart.label", {
      point: heading,
      from: moment(window.fromMs, nowMs, language, zone),
      to: moment(window.toMs, nowMs, language, zone),
    });
  }
}

export function Canvas(props: { drawing: Drawing; height: number; label: string; zone: Zone; onHover: (hover: Hover | null) => void }) {
  const { drawing, height, zone, onHover } = props;
  const { t, language, theme } = usePrefs();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const system = useSystemTheme();

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    // The width that the page gives is read first, so that the canvas never decides its own.
    const words = { hole: t("chart.hole"), fault: t("chart.fault") };
    const made = makeChart({ box: node, width: node.clientWidth, height, language, zone, words, drawing, onHover });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize(node.clientWidth));
    observer.observe(node);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [language, theme, system, height, zone]);
  useEffect(() => chart.current?.draw(drawing), [drawing]);

  return <div class="plot-box" ref={box} role="img" aria-label={props.label} />;
}

function useSystemTheme(): boolean {
  const query = useMemo(() => matchMedia("(prefers-color-scheme: dark)"), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const follow = () => setDark(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return dark;
}

function useRollups(point: Point | null, window: Interval, live: boolean): { rollups: Rollups | null; error: string | null } {
  const [rollups, setRollups] = useState<Rollups | null>(null);
  const [error, setError] = useState<string | null>(null);
  const spanMs = window.toMs - window.fromMs;
  const fixedFrom = live ? 0 : window.fromMs;
  useEffect(() => {
    if (!point) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const toMs = live ? store.nowMs() : window.toMs;
      try {
        const got = await api.rollups(point.id, toMs - spanMs, toMs, BUCKETS, abort.signal);
        setRollups(got);
        setError(null);
        if (live) timer = setTimeout(() => void ask(), Math.max(REFRESH_LEAST_MS, got.bucket_s * 1000));
      } catch (problem) {
        if (abort.signal.aborted) return;
        setError(problem instanceof Error ? problem.message : String(problem));
        timer = setTimeout(() => void ask(), REFRESH_LEAST_MS / 6);
      }
    };
    setRollups(null);
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [point?.id, spanMs, live, fixedFrom]);
  return { rollups, error };
}

/** What came over the socket since the page is open; the buckets overtake it at every refresh. */
function useTail(point: string): Sample[] {
  const [tail, setTail] = useState<Sample[]>(() => {
    const now = store.picture.latest.get(point);
    return now?.value != null ? [{ atMs: now.measuredAtMs, value: now.value }] : [];
  });
  useEffect(
    () =>
      store.onFrame((frame) => {
        const rows = frame.latest?.filter(([id, , value, bits]) => id === point && value !== null && !(bits & QUALITY.fault));
        if (!rows?.length) return;
        setTail((held) => {
          const newest = held.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
          const fresh = rows.filter(([, atMs]) => atMs > newest).map(([, atMs, value]) => ({ atMs, value: value as number }));
          return fresh.length ? [...held, ...fresh].slice(-TAIL_MAX) : held;
        });
      }),
    [point],
  );
  return tail;
}

function lastDataMs(rollups: Rollups, tail: Sample[]): number | null {
  const bucket = rollups.items.at(-1);
  const end = bucket ? Math.min(Date.parse(bucket.start) + rollups.bucket_s * 1000, Date.parse(rollups.to)) : null;
  const live = tail.at(-1)?.atMs ?? null;
  if (end === null || live === null) return end ?? live;
  return Math.max(end, live);
}

/** Where the probe said a fault word; a fault that still runs reaches to what the socket said last. */
function faultSpans(rollups: Rollups, latest: Latest | null): Interval[] {
  const spans = rollups.faults.map(interval);
  const last = spans.at(-1);
  if (last && latest && latest.value === null && latest.measuredAtMs > last.toMs && last.toMs >= (lastDataMs(rollups, []) ?? 0))
    last.toMs = latest.measuredAtMs;
  return union(spans);
}

/** A door that stood open through a whole bucket stays open until the next one, up to two intervals. */
function doorIntervals(rollups: Rollups, intervalS: number): Interval[] {
  const bucketMs = rollups.bucket_s * 1000;
  const opened = rollups.items.map((item, i) => {
    const fromMs = Date.parse(item.start);
    const next = rollups.items[i + 1];
    const held = next && item.min > 0 ? Math.min(Date.parse(next.start), fromMs + bucketMs + 2000 * intervalS) : 0;
    return { open: item.max > 0, fromMs, toMs: Math.max(fromMs + bucketMs, held) };
  });
  return union(opened.filter(({ open }) => open));
}

function summary(drawing: Drawing, t: ReturnType<typeof usePrefs>["t"]): string {
  const known = (values: (number | null)[]) => values.filter((value): value is number => value !== null);
  const means = known(drawing.columns.mean);
  return t("chart.summary", {
    min: celsius(Math.min(...known(drawing.columns.min))),
    mean: celsius(means.reduce((sum, value) => sum + value, 0) / means.length),
    max: celsius(Math.max(...known(drawing.columns.max))),
  });
}
