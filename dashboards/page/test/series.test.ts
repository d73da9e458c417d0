import { describe, expect, test } from "vitest";
import type { Alarm, Rollups } from "../src/contract";
import { alarmInterval, allHoles, columns, limitSteps, union, without } from "../src/series";

const T0 = Date.parse("2026-03-01T00:00:00Z");
const MIN = 60_000;
const iso = (minute: number) => new Date(T0 + minute * MIN).toISOString();
const at = (minute: number) => T0 + minute * MIN;
const rollups = (minutes: number[], bucketMin = 1, holes: [number, number][] = []): Rollups => ({
  point: "p", from: iso(0), to: iso(100), bucket_s: bucketMin * 60,
  items: minutes.map((m) => ({ start: iso(m), count: 1, min: 3, max: 5, mean: 4 })),
  holes: holes.map(([from, to]) => ({ from: iso(from), to: iso(to) })), faults: [], limits: [], marks: [],
});
const hole = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });

describe("columns", () => {
  test("the line breaks where a hole lies between two buckets", () => {
    const { x, mean } = columns(rollups([0, 1, 10, 11]), [], [hole(2, 10)]);
    expect(mean).toEqual([4, 4, null, 4, 4]);
    expect(x).toEqual([...x].sort((a, b) => a - b));
  });

  test("a bucket that is left out without a hole does not break the line", () => {
    expect(columns(rollups([0, 2, 3]), [], []).mean).toEqual([4, 4, 4]);
  });

  test("a hole inside and between coarse buckets breaks the line and no value lies in the hole", () => {
    const holes = [hole(12, 50)];
    const { x, mean } = columns(rollups([0, 45, 60], 15), [], holes);
    expect(mean).toContain(null);
    x.forEach((seconds, i) => {
      if (mean[i] !== null) expect(seconds * 1000 <= at(12) || seconds * 1000 >= at(50)).toBe(true);
    });
  });

  test("live samples follow the last bucket and are not counted twice", () => {
    const tail = [{ atMs: at(1.5), value: 9 }, { atMs: at(2), value: 6 }, { atMs: at(3), value: 7 }];
    expect(columns(rollups([0, 1]), tail, []).max).toEqual([5, 5, 6, 7]);
  });

  test("live samples continue a bucket that was not full when it was asked for", () => {
    const asked = { ...rollups([0, 15], 15), to: iso(18) };
    const { x, max } = columns(asked, [{ atMs: at(17), value: 9 }, { atMs: at(19), value: 6 }], []);
    expect(max).toEqual([5, 5, 6]);
    expect(x.map((seconds) => seconds * 1000)).toEqual([at(7.5), at(16.5), at(19)]);
  });

  test("for any holes, no two neighbours are joined across one", () => {
    for (let seed = 1; seed < 200; seed++) {
      const holes = union([hole(seed % 37, (seed % 37) + 3 + (seed % 11)), hole((seed * 7) % 83, ((seed * 7) % 83) + 4)]);
      const bucket = 1 + (seed % 9);
      const starts = Array.from({ length: Math.floor(90 / bucket) }, (_, i) => i * bucket).filter(
        (m) => !holes.some((h) => at(m) >= h.fromMs && at(m + bucket) <= h.toMs),
      );
      const { x, mean } = columns(rollups(starts, bucket), [], holes);
      for (let i = 1; i < x.length; i++) {
        if (mean[i] === null || mean[i - 1] === null) continue;
        const crossed = holes.some((h) => (x[i - 1] as number) * 1000 < h.toMs && (x[i] as number) * 1000 > h.fromMs);
        expect(crossed).toBe(false);
      }
    }
  });
});

describe("holes", () => {
  const window = hole(0, 100);

  test("silence that is still running reaches to the right edge", () => {
    expect(allHoles([], [], at(90), 60, window)).toEqual([hole(90, 100)]);
    expect(allHoles([], [], at(98), 60, window)).toEqual([]);
  });

  test("a point that said nothing is one hole", () => expect(allHoles([], [], null, 60, window)).toEqual([window]));

  test("holes of the server, of the live samples and of the edge are merged and cut to the window", () => {
    const tail = [{ atMs: at(80), value: 1 }, { atMs: at(84), value: 1 }, { atMs: at(99), value: 1 }];
    const found = allHoles([{ from: iso(-5), to: iso(10) }, { from: iso(8), to: iso(12) }], tail, at(99), 300, window);
    expect(found).toEqual([hole(0, 12), hole(84, 99)]);
  });
});

test("each limit holds until the next begins", () => {
  const steps = limitSteps(
    [{ from: iso(40), high_celsius: 6, low_celsius: null }, { from: iso(-10), high_celsius: 8, low_celsius: 0 }],
    hole(0, 100),
  );
  expect(steps).toEqual([
    { fromMs: at(0), toMs: at(40), high: 8, low: 0 },
    { fromMs: at(40), toMs: at(100), high: 6, low: null },
  ]);
});

test("an open alarm reaches to now, one outside the window is not drawn", () => {
  const alarm = (onset: number, ended: number | null) => ({ onset: iso(onset), ended: ended === null ? null : iso(ended) }) as Alarm;
  expect(alarmInterval(alarm(50, null), at(70), hole(0, 100))).toEqual(hole(50, 70));
  expect(alarmInterval(alarm(-50, -10), at(70), hole(0, 100))).toBeNull();
});

test("a fault is cut out of the holes", () => {
  const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });
  expect(without([span(0, 100)], [span(20, 40), span(90, 120)])).toEqual([span(0, 20), span(40, 90)]);
  expect(without([span(0, 10)], [span(0, 10)])).toEqual([]);
  expect(without([span(0, 10)], [])).toEqual([span(0, 10)]);
});
