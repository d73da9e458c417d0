import { describe, expect, test } from "vitest";
import type { Alarm, Asset, Gateway, Point } from "../src/contract";
import { EMPTY, type Latest, type PendingSeen, type Picture } from "../src/merge";
import { judgeAsset, judgePoint, openByPoint, RANK, STATES, untilAlarmS, urgency } from "../src/state";

const NOW = Date.parse("2026-03-01T08:00:00Z");
const RULE = { high_celsius: 8, low_celsius: 0, on_delay_s: 1800, deadband_kelvin: 0.5, return_delay_s: 300 };
const point = (more: Partial<Point> = {}): Point => ({
  id: "p", asset: "a", position: "return-air", quantity: "temperature", unit: "Cel", interval_s: 60, node: "gw", evidence: "sealed-on-site", rule: RULE, ...more,
});
const value = (v: number | null, ageS = 10, quality = 0): Latest => ({ measuredAtMs: NOW - ageS * 1000, value: v, quality });
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  id: "x", point: "p", asset: "a", site: "s", rule: "high", severity: "warning", state: "unacknowledged", onset: "2026-03-01T07:00:00Z",
  raised_at: "2026-03-01T07:30:00Z", ended: null, open: true, limit: 8, peak: 11, unit: "Cel", duration_s: 3600, hole_s: 0, late_discovered: false,
  merged_into: null, version: 1, ...more,
});
const gateway = (more: Partial<Gateway> = {}): Gateway => ({ node: "gw", online: true, behind_batches: 0, since: "2026-03-01T07:00:00Z", ...more });
const outside = (held_s: number, rule: "high" | "low" = "high"): PendingSeen => ({
  point: "p", rule, since: "2026-03-01T07:31:00Z", held_s, heldAtMs: NOW - 10_000,
});
const judge = (latest: Latest | null, more: { alarm?: Alarm; gateway?: Gateway; pending?: PendingSeen; point?: Point } = {}) =>
  judgePoint(more.point ?? point(), latest, more.alarm ?? null, more.gateway ?? null, more.pending ?? null, NOW);

describe("the state of a point", () => {
  test.each([
    [4, "in-range"],
    [7.99, "in-range"],
    [8, "pending"], // the boundary enters
    [0, "pending"],
    [0.01, "in-range"],
  ])("a fresh value of %d is %s", (v, state) => expect(judge(value(v)).state).toBe(state));

  test("a value outside is pending while the server's on-delay runs, and says how long until it alarms", () => {
    const judged = judge(value(9, 10), { pending: outside(1700) });
    expect(judged).toMatchObject({ state: "pending", side: "high", pending: { since: "2026-03-01T07:31:00Z" } });
    expect(untilAlarmS(judged, NOW)).toBe(90); // 1800 less 1700 held at the reading, which is 10 s old
    expect(untilAlarmS(judged, NOW + 900_000)).toBe(0);
  });

  test("a value outside that the server has not judged yet is pending without a time", () => {
    const judged = judge(value(9));
    expect(judged).toMatchObject({ state: "pending", pending: null });
    expect(untilAlarmS(judged, NOW)).toBeNull();
    expect(judge(value(9), { pending: outside(60, "low") }).pending).toBeNull();
  });

  test("a value back inside is in range although the list still names it", () => {
    expect(judge(value(4), { pending: outside(60) })).toMatchObject({ state: "in-range", pending: null });
  });

  test("a value outside for as long as the on-delay is above, not pending any more", () => {
    expect(judge(value(9), { pending: outside(1800) }).state).toBe("above");
    expect(judge(value(-1), { pending: outside(1800, "low") }).state).toBe("below");
  });

  test("a rule without on-delay is never pending", () => {
    expect(judge(value(9), { point: point({ rule: { ...RULE, on_delay_s: 0 } }) }).state).toBe("above");
  });

  test("silence is no data after two intervals, however good the last value was", () => {
    expect(judge(value(4, 120)).state).toBe("in-range");
    expect(judge(value(4, 121)).state).toBe("no-data");
    expect(judge(null).state).toBe("no-data");
  });

  test("old data while the gateway still has batches to bring is catching up", () => {
    expect(judge(value(4, 600), { gateway: gateway({ behind_batches: 3 }) }).state).toBe("catching-up");
    expect(judge(value(4, 600), { gateway: gateway({ behind_batches: 3, online: false }) }).state).toBe("no-data");
  });

  test("a fault is the probe's own word, and a stale fault is no data", () => {
    expect(judge(value(null, 10, 16)).state).toBe("fault");
    expect(judge(value(null, 600, 16)).state).toBe("no-data");
  });

  test("an open alarm stands although the value came back or stopped coming", () => {
    expect(judge(value(4), { alarm: alarm() }).state).toBe("alarm");
    expect(judge(value(9, 9999), { alarm: alarm() })).toMatchObject({ state: "alarm", stale: true, side: "high", limitCelsius: 8 });
  });

  test("a point without a rule is never in range", () => expect(judge(value(30), { point: point({ rule: null }) }).state).toBe("unjudged"));
});

describe("the state of an asset", () => {
  const asset: Asset = { id: "a", name: "A", kind: "reefer", site: "s", points: ["ret", "sup", "door"] };
  const points = new Map([
    ["ret", point({ id: "ret" })],
    ["sup", point({ id: "sup", position: "supply-air", rule: null })],
    ["door", point({ id: "door", position: "door", quantity: "door", rule: null })],
  ]);
  const shown = (rows: [string, Latest][], alarms: Alarm[] = []) => {
    const picture: Picture = { ...EMPTY, latest: new Map(rows) };
    return judgeAsset(asset, points, picture, openByPoint(alarms), NOW);
  };

  test("the judged point leads, the door is apart", () => {
    const state = shown([["ret", value(4)], ["sup", value(1)], ["door", value(1)]]);
    expect(state.state).toBe("in-range");
    expect(state.lead?.point.id).toBe("ret");
    expect(state.others.map((other) => other.point.id)).toEqual(["sup"]);
    expect(state.doors[0]?.latest?.value).toBe(1);
  });

  test("the worst point leads", () => expect(shown([["ret", value(4)], ["sup", value(null, 5, 16)]]).lead?.point.id).toBe("sup"));

  test("an asset that never spoke has no data", () => expect(shown([]).state).toBe("no-data"));

  test("a critical alarm comes before a warning, an acknowledged one after an unacknowledged", () => {
    const of = (more: Partial<Alarm>) => urgency(shown([["ret", value(9)]], [alarm({ point: "ret", ...more })]));
    const order = [of({ severity: "critical" }), of({ severity: "critical", state: "acknowledged" }), of({}), of({ state: "acknowledged" })];
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(order.at(-1)).toBeLessThan(RANK.above * 4);
  });
});

test("every state has its own rank", () => expect(new Set(Object.values(RANK)).size).toBe(STATES.length));

test("merged, retracted and ended alarms are not open", () => {
  const not = [alarm({ open: false }), alarm({ state: "retracted" }), alarm({ merged_into: "y" }), alarm({ state: "merged" })];
  expect(openByPoint(not).size).toBe(0);
  expect(openByPoint([alarm({ id: "w" }), alarm({ id: "c", severity: "critical" })]).get("p")?.id).toBe("c");
});
