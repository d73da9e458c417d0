// One temperature point over time, drawn with uPlot.
//
//   under the line   hatched holes, hatched faults, alarm intervals, the ground outside the limits
//   the line         min–max envelope and mean; broken at every hole
//   over the line    limits as steps; a flag where the probe was swapped, the asset moved, its calibration changed

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { day, hourMinute, type Zone } from "./format";
import type { Language } from "./messages";
import type { Columns, Interval, Limit } from "./series";

export interface Drawing {
  window: Interval;
  columns: Columns;
  holes: Interval[];
  /** The probe said a fault word. */
  faults: Interval[];
  limits: Limit[];
  alarms: (Interval & { critical: boolean; open: boolean })[];
  /** Times when the door stood open: a lane along the bottom. */
  doorsOpen: Interval[];
  /** Moments at which something changed that the history shows. */
  marksMs: number[];
  /** Parts of the window that are of different places, each with its name over it, or the short one where there is no room. */
  stretches?: (Interval & { name: string; short: string })[];
}

export interface Hover {
  atMs: number;
  min: number | null;
  mean: number | null;
  max: number | null;
}

export interface Chart {
  draw(drawing: Drawing): void;
  resize(width: number): void;
  destroy(): void;
}

interface Words {
  hole: string;
  fault: string;
}

interface Options {
  box: HTMLElement;
  width: number;
  height: number;
  language: Language;
  zone: Zone;
  words: Words;
  drawing: Drawing;
  onHover: (hover: Hover | null) => void;
}

const LEAST_SPREAD_KELVIN = 4;
const FONT = '12px system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

export function makeChart(options: Options): Chart {
  let drawing = options.drawing;
  const ink = colours();
  const plot = new uPlot(
    {
      width: options.width,
      height: options.height,
      padding: [10, 20, 0, 0],
      tzDate: (seconds) => (options.zone ? uPlot.tzDate(new Date(seconds * 1000), options.zone) : new Date(seconds * 1000)),
      legend: { show: false },
      cursor: { sync: { key: "asset" }, drag: { x: false, y: false }, points: { size: 7 }, y: false },
      scales: {
        x: { time: true, range: () => [drawing.window.fromMs / 1000, drawing.window.toMs / 1000] },
        y: { range: (_u, low, high) => spread(low, high, drawing.limits) },
      },
      axes: [
        {
          stroke: ink.muted,
          font: FONT,
          grid: { stroke: ink.grid, width: 1 },
          ticks: { show: false },
          size: 30,
          space: 64,
          values: (_u, splits) => splits.map((s) => tick(s * 1000, options.language, options.zone)),
        },
        {
          stroke: ink.muted,
          font: FONT,
          grid: { stroke: ink.grid, width: 1 },
          ticks: { show: false },
          size: 44,
          space: 36,
          values: (_u, splits) => splits.map((v) => String(Number(v.toFixed(1))).replace("-", "−")),
        },
      ],
      series: [
        {},
        { points: { show: false } },
        { points: { show: false } },
        { stroke: ink.line, width: 1.75, points: { filter: lonely, size: 5, fill: ink.line, stroke: ink.line } },
      ],
      bands: [{ series: [2, 1], fill: ink.envelope }],
      hooks: {
        drawClear: [(u) => under(u, drawing, ink, options.words)],
        draw: [(u) => over(u, drawing, ink)],
        setCursor: [
          (u) => {
            const i = u.cursor.idx;
            const at = i == null ? undefined : u.data[0][i];
            const value = (series: number) => (i == null ? null : (u.data[series]?.[i] ?? null));
            options.onHover(at === undefined ? null : { atMs: at * 1000, min: value(1), max: value(2), mean: value(3) });
          },
        ],
      },
    },
    data(drawing.columns),
    options.box,
  );
  return {
    draw(next) {
      drawing = next;
      plot.setData(data(next.columns));
    },
    resize: (width) => plot.setSize({ width, height: options.height }),
    destroy: () => plot.destroy(),
  };
}

function data({ x, min, max, mean }: Columns): uPlot.AlignedData {
  return [x, min, max, mean];
}

function spread(low: number | null, high: number | null, limits: Limit[]): [number, number] {
  const marks = limits.flatMap((limit) => [limit.high, limit.low]).filter((value): value is number => value !== null);
  let least = Math.min(low ?? Number.POSITIVE_INFINITY, ...marks);
  let most = Math.max(high ?? Number.NEGATIVE_INFINITY, ...marks);
  if (!Number.isFinite(least) || !Number.isFinite(most)) return [0, 10];
  const missing = LEAST_SPREAD_KELVIN - (most - least);
  if (missing > 0) (least -= missing / 2), (most += missing / 2);
  const air = (most - least) * 0.08;
  return [least - air, most + air];
}

/** The last value gets a dot, and every value that has no neighbour to draw a line to. */
function lonely(u: uPlot, series: number): number[] {
  const values = u.data[series] as (number | null)[];
  const out: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] == null) continue;
    if (i === values.length - 1 || (values[i - 1] == null && values[i + 1] == null)) out.push(i);
  }
  return out;
}

function tick(ms: number, language: Language, zone: Zone): string {
  const time = hourMinute(ms, language, zone);
  return time === "00:00" ? day(ms, language, zone) : time;
}

interface Ink {
  line: string;
  envelope: string;
  muted: string;
  grid: string;
  hole: string;
  holeLine: string;
  fault: string;
  faultGround: string;
  limit: string;
  outside: string;
  alarm: string;
  warning: string;
  door: string;
  ground: string;
}

function colours(): Ink {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    line: read("--chart-line"),
    envelope: read("--chart-envelope"),
    muted: read("--muted"),
    grid: read("--chart-grid"),
    hole: read("--chart-hole"),
    holeLine: read("--chart-hole-line"),
    fault: read("--fault"),
    faultGround: read("--fault-soft"),
    limit: read("--chart-limit"),
    outside: read("--chart-outside"),
    alarm: read("--alarm"),
    warning: read("--warn"),
    door: read("--door"),
    ground: read("--card"),
  };
}

function under(u: uPlot, drawing: Drawing, ink: Ink, words: Words): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const px = (ms: number) => u.valToPos(ms / 1000, "x", true);
  const py = (celsius: number) => u.valToPos(celsius, "y", true);
  const ratio = devicePixelRatio || 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();

  ctx.fillStyle = ink.outside;
  for (const limit of drawing.limits) {
    const x = px(limit.fromMs);
    const wide = px(limit.toMs) - x;
    if (limit.high !== null) ctx.fillRect(x, top, wide, Math.max(0, py(limit.high) - top));
    if (limit.low !== null) ctx.fillRect(x, py(limit.low), wide, Math.max(0, top + height - py(limit.low)));
  }

  for (const alarm of drawing.alarms) {
    const x = px(alarm.fromMs);
    const wide = Math.max(2 * ratio, px(alarm.toMs) - x);
    ctx.fillStyle = alarm.critical ? ink.alarm : ink.warning;
    ctx.globalAlpha = 0.1;
    ctx.fillRect(x, top, wide, height);
    ctx.globalAlpha = 1;
    ctx.fillRect(x, top, wide, 4 * ratio);
    ctx.fillRect(x, top, Math.max(1, ratio), height);
    if (!alarm.open) ctx.fillRect(x + wide - Math.max(1, ratio), top, Math.max(1, ratio), height);
  }

  for (const hole of drawing.holes) {
    const x = px(hole.fromMs);
    hatch(ctx, x, top, px(hole.toMs) - x, height, ink.hole, ink.holeLine, ratio);
    label(ctx, words.hole, x, px(hole.toMs), top + height / 2, ink, ratio);
  }
  for (const fault of drawing.faults) {
    const x = px(fault.fromMs);
    const wide = Math.max(2 * ratio, px(fault.toMs) - x);
    hatch(ctx, x, top, wide, height, ink.faultGround, ink.fault, ratio, 0.35);
    label(ctx, words.fault, x, x + wide, top + height / 2, ink, ratio);
  }

  ctx.fillStyle = ink.door;
  for (const open of drawing.doorsOpen) {
    const x = px(open.fromMs);
    ctx.fillRect(x, top + height - 5 * ratio, Math.max(1.5 * ratio, px(open.toMs) - x), 5 * ratio);
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  ground: string,
  line: string,
  ratio: number,
  alpha = 1,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  ctx.fillStyle = ground;
  ctx.fillRect(x, y, w, h);
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = line;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  const step = 7 * ratio;
  for (let d = Math.floor((x - h) / step) * step; d < x + w; d += step) {
    ctx.moveTo(d, y + h);
    ctx.lineTo(d + h, y);
  }
  ctx.stroke();
  ctx.restore();
}

/** The word lies across the hole where there is room, stands upright where there is little, else is left out. */
function label(ctx: CanvasRenderingContext2D, text: string, from: number, to: number, y: number, ink: Ink, ratio: number): void {
  ctx.save();
  ctx.font = FONT.replace("12px", `${12 * ratio}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const wide = ctx.measureText(text).width + 12 * ratio;
  const tall = 18 * ratio;
  const room = to - from;
  if (room >= tall) {
    ctx.translate((from + to) / 2, y);
    if (room < wide) ctx.rotate(-Math.PI / 2);
    ctx.fillStyle = ink.ground;
    ctx.globalAlpha = 0.85;
    ctx.fillRect(-wide / 2, -tall / 2, wide, tall);
    ctx.globalAlpha = 1;
    ctx.fillStyle = ink.muted;
    ctx.fillText(text, 0, 0);
  }
  ctx.restore();
}

function over(u: uPlot, drawing: Drawing, ink: Ink): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const ratio = devicePixelRatio || 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = ink.limit;
  ctx.lineWidth = 1.25 * ratio;
  ctx.setLineDash([5 * ratio, 3 * ratio]);
  for (const pick of ["high", "low"] as const) {
    ctx.beginPath();
    let joined: number | null = null;
    for (const limit of drawing.limits) {
      const value = limit[pick];
      if (value === null) {
        joined = null;
        continue;
      }
      const x = u.valToPos(limit.fromMs / 1000, "x", true);
      const y = u.valToPos(value, "y", true);
      if (joined === limit.fromMs) ctx.lineTo(x, y);
      else ctx.moveTo(x, y);
      ctx.lineTo(u.valToPos(limit.toMs / 1000, "x", true), y);
      joined = limit.toMs;
    }
    ctx.stroke();
  }
  flags(u, drawing.marksMs, ink, ratio);
  borders(u, drawing.stretches ?? [], ink, ratio);
  ctx.restore();
}

/** A line where each stretch begins, and its name beside it. */
function borders(u: uPlot, stretches: NonNullable<Drawing["stretches"]>, ink: Ink, ratio: number): void {
  const { ctx } = u;
  const { top, height } = u.bbox;
  ctx.font = FONT.replace("12px", `${12 * ratio}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.setLineDash([]);
  ctx.lineWidth = ratio;
  ctx.strokeStyle = ctx.fillStyle = ink.muted;
  for (const stretch of stretches) {
    const x = u.valToPos(stretch.fromMs / 1000, "x", true);
    const wide = u.valToPos(stretch.toMs / 1000, "x", true) - x;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    const fits = (text: string) => ctx.measureText(text).width + 6 * ratio < wide;
    const text = [stretch.name, stretch.short].find(fits);
    if (text) ctx.fillText(text, x + 4 * ratio, top + 4 * ratio);
  }
}

function flags(u: uPlot, marksMs: number[], ink: Ink, ratio: number): void {
  const { ctx } = u;
  const { top, height } = u.bbox;
  ctx.strokeStyle = ctx.fillStyle = ink.muted;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  for (const ms of marksMs) {
    const x = u.valToPos(ms / 1000, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x + 9 * ratio, top + 5 * ratio);
    ctx.lineTo(x, top + 10 * ratio);
    ctx.fill();
  }
}
