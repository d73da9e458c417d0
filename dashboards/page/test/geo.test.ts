import { describe, expect, test } from "vitest";
import { pieces, type Place, projection, scaleBar } from "../src/geo";

const SHEET = { width: 600, height: 400, padding: 20 };
const fix = (latitude: number, gap = false) => ({ at: "", latitude, longitude: 121, gap });

describe("places on paper", () => {
  const places: Place[] = [
    [31, 121],
    [31.5, 121.2],
    [32, 121],
  ];

  test("all of them lie on the sheet, north is up and the longer side fills it", () => {
    const { at } = projection(places, SHEET);
    expect(at([32, 121]).y).toBeCloseTo(20);
    expect(at([31, 121]).y).toBeCloseTo(380);
    expect(at([31.5, 121.2]).x).toBeGreaterThan(at([31, 121]).x);
    for (const place of places) expect(at(place).x).toBeGreaterThan(20);
  });

  test("a kilometre is as long to the north as to the east", () => {
    const { at, metresPerPx } = projection(places, SHEET);
    const north = at([31.5, 121]).y - at([31.6, 121]).y;
    const east = at([31.5, 121.1 / 1]).x - at([31.5, 121]).x;
    expect(north * metresPerPx).toBeCloseTo(11_119.5, 0);
    expect(east * metresPerPx).toBeCloseTo(11_119.5 * Math.cos((31.5 * Math.PI) / 180), 0);
  });

  test("a single place stands in the middle", () => {
    expect(projection([[31, 121]], SHEET).at([31, 121])).toEqual({ x: 300, y: 200 });
  });
});

test.each([
  [100, 130, 10_000, 100],
  [100, 210, 20_000, 200],
  [7, 100, 500, 71.43],
  [0.9, 100, 50, 55.56],
])("at %d m/px and at most %d px the bar is %d m", (metresPerPx, most, metres, px) => {
  const bar = scaleBar(metresPerPx, most);
  expect(bar.metres).toBe(metres);
  expect(bar.px).toBeCloseTo(px, 1);
});

test("no line is drawn where nothing is known", () => {
  const { known, leaps } = pieces([fix(1), fix(2), fix(5, true), fix(6)]);
  expect(known.map((piece) => piece.map(([latitude]) => latitude))).toEqual([
    [1, 2],
    [5, 6],
  ]);
  expect(leaps).toEqual([
    [
      [2, 121],
      [5, 121],
    ],
  ]);
  expect(pieces([])).toEqual({ known: [], leaps: [] });
});
