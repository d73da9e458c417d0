// A name drawn on glass, as an SVG path on a sheet of 1000 × 400.

export interface Dot {
  x: number;
  y: number;
}

export const SHEET = { width: 1000, height: 400 };

/** Nearer to the last one than this, a point says nothing new. */
const NEAR = 4;
const LONGEST = 20_000;

/** A point of the screen on the sheet, inside its edges. */
export function onSheet(x: number, y: number, width: number, height: number): Dot {
  const clip = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
  return { x: clip((x / width) * SHEET.width, SHEET.width), y: clip((y / height) * SHEET.height, SHEET.height) };
}

/** The path of some lines; one that is too long loses every other point until it fits. */
export function pathOf(lines: readonly (readonly Dot[])[]): string {
  let thin = lines.map(thinned).filter((line) => line.length > 1);
  let path = drawn(thin);
  while (path.length > LONGEST) {
    thin = thin.map((line) => line.filter((_, place) => place % 2 === 0 || place === line.length - 1));
    path = drawn(thin);
  }
  return path;
}

function drawn(lines: readonly (readonly Dot[])[]): string {
  return lines.map((line) => line.map((dot, place) => `${place ? "L" : "M"} ${dot.x} ${dot.y}`).join(" ")).join(" ");
}

function thinned(line: readonly Dot[]): Dot[] {
  const kept: Dot[] = [];
  for (const dot of line) {
    const last = kept[kept.length - 1];
    if (!last || Math.hypot(dot.x - last.x, dot.y - last.y) >= NEAR) kept.push(dot);
  }
  return kept;
}
