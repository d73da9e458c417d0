import { expect, test } from "vitest";
import type { Alarm, Frame } from "../src/contract";
import { EMPTY, merge } from "../src/merge";

const frame = (more: Partial<Frame>): Frame => ({ position: 1, server_time: "2026-03-01T08:00:00Z", ...more });
const alarm = (id: string, version: number) => ({ id, version }) as Alarm;

test("the newest measured time wins, whatever the order of arrival", () => {
  const late = frame({ latest: [["p", 1000, 4, 0]] });
  const fresh = frame({ latest: [["p", 2000, 5, 0]] });
  expect(merge(merge(EMPTY, late), fresh).latest.get("p")?.value).toBe(5);
  expect(merge(merge(EMPTY, fresh), late).latest.get("p")?.value).toBe(5);
});

test("the same moment said again is a correction", () => {
  const one = merge(EMPTY, frame({ latest: [["p", 1000, 4, 0]] }));
  expect(merge(one, frame({ latest: [["p", 1000, 6, 8]] })).latest.get("p")).toMatchObject({ value: 6, quality: 8 });
});

test("an older version of an alarm never replaces a newer one", () => {
  const one = merge(EMPTY, frame({ alarms: [alarm("a", 3)] }));
  expect(merge(one, frame({ alarms: [alarm("a", 2)] })).alarms.get("a")?.version).toBe(3);
});

test("a full frame replaces everything, a heartbeat nothing", () => {
  const held = merge(EMPTY, frame({ latest: [["old", 1, 1, 0]], registry: 4 }));
  const beat = merge(held, frame({ position: 9, latest: [], alarms: [], gateways: [] }));
  expect(beat.latest).toBe(held.latest);
  expect(beat.alarms).toBe(held.alarms);
  expect(beat.position).toBe(9);
  const full = merge(held, frame({ full: true, latest: [["new", 1, 1, 0]] }));
  expect([...full.latest.keys()]).toEqual(["new"]);
  expect(full.registry).toBe(4);
});

test("pending is the whole list every time; a frame that says nothing of it changes nothing", () => {
  const one = { point: "p", rule: "high", since: "2026-03-01T07:31:00Z", held_s: 60 } as const;
  const held = merge(EMPTY, frame({ pending: [one] }));
  expect(held.pending.get("p")).toMatchObject(one);
  expect(merge(held, frame({})).pending).toBe(held.pending);
  expect(merge(held, frame({ pending: [] })).pending.size).toBe(0);
});

test("the on-delay is counted to the reading that the judge has seen, not to a later one", () => {
  const one = { point: "p", rule: "high", since: "2026-03-01T07:31:00Z", held_s: 60 } as const;
  const seen = merge(EMPTY, frame({ latest: [["p", 60_000, 9, 0]], pending: [one] }));
  expect(seen.pending.get("p")?.heldAtMs).toBe(60_000);
  const ahead = merge(seen, frame({ latest: [["p", 65_000, 9, 0]], pending: [one] }));
  expect(ahead.pending.get("p")?.heldAtMs).toBe(60_000);
  expect(merge(ahead, frame({ pending: [{ ...one, held_s: 65 }] })).pending.get("p")?.heldAtMs).toBe(65_000);
});
