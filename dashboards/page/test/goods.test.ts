import { describe, expect, test } from "vitest";
import type { Alarm } from "../src/contract";
import { alarmLotsHref, lotHref, recallHref, stopSaleHref } from "../src/goods/addresses";
import { answer, holds, newId, parcelOf, recall, refusalIn, releases, rewritten } from "../src/goods/saying";
import type { LotHistory, LotLeg, Plan, Recall } from "../src/goods/shapes";
import { alarmsOnWay, drawingOf, stretchOf, wayOf } from "../src/goods/way";
import { amount, leftWords, placesNow, untilWords } from "../src/goods/telling";
import { translator } from "../src/messages";
import { nextOf, type Parcel } from "../src/papers/outbox";
import { isGoods, parseRoute } from "../src/route";

const T0 = 1_700_000_000_000;
const HOUR = 3_600_000;
const hour = (n: number) => new Date(T0 + n * HOUR).toISOString();

describe("what people say of goods", () => {
  test("a hold is of the whole lot, or of each place where some of it lies", () => {
    expect(holds("H", [{ id: "L1", places: [] }], 5, "a-1")).toEqual([{ put: "lot-hold", id: "H", lot: "L1", at_ms: 5, place: "", alarm: "a-1" }]);
    const two = holds("H", [{ id: "L1", places: ["asset:a", "site:s"] }, { id: "L2", places: ["asset:a"] }], 5);
    // one lot cannot have two holds of one id, two lots can
    expect(two.map((one) => one.put === "lot-hold" && [one.lot, one.id, one.place])).toEqual([
      ["L1", "H", "asset:a"], ["L1", "H.1", "site:s"], ["L2", "H", "asset:a"],
    ]);
  });

  test("undoing names every hold that was made, and nothing else", () => {
    const made = [...holds("H", [{ id: "L1", places: ["x", "y"] }], 5), answer("r", "s", "stopped", 1, "", 5)];
    expect(releases(made, "released", 9)).toEqual([
      { put: "lot-release", hold: "H", lot: "L1", decision: "released", at_ms: 9 },
      { put: "lot-release", hold: "H.1", lot: "L1", decision: "released", at_ms: 9 },
    ]);
  });

  test("ids fit the server's rule and differ by chance", () => {
    const id = newId("R", T0, new Uint8Array([0, 1, 2, 250, 255]));
    expect(id).toMatch(/^[A-Za-z0-9._:-]{1,64}$/);
    expect(newId("R", T0, new Uint8Array([0, 1, 2, 250, 254]))).not.toBe(id);
  });

  test("a drill is a recall in everything but its word", () => {
    const made = recall("R", ["L1"], 1, true, "7.9 °C", 5);
    expect({ ...recall("R", ["L1"], 1, false, "7.9 °C", 5), drill: true }).toEqual(made);
  });

  test("a plan that is written anew leaves the clock and the lots as they are", () => {
    const known = { id: "R", level: 2, decided: new Date(T0).toISOString(), lots: ["L1", "L2"], drill: false } as unknown as Recall;
    const plan = { harm: "7.9 °C" } as Plan;
    expect(rewritten(known, plan, "n")).toEqual({ ...recall("R", ["L1", "L2"], 2, false, "7.9 °C", T0), consumer_notice: "n" });
  });

  test("a refusal that a person can mend has words of its own", () => {
    expect(refusalIn("entries.0: same-person: another person: Li")).toBe("same-person");
    expect(refusalIn("entries.0: bad-word: x")).toBeNull();
  });

  test("a task's picture goes before its answer, and a refused paper does not stop it", () => {
    const paper = parcelOf("r1", "s1");
    const parcels = [
      { what: "entries", paper: "D-1", madeMs: 0, key: 1, fault: "refused", who: "", entries: [] },
      { what: "photo", paper, madeMs: 1, key: 2, sha256: "", picture: new Blob() },
      { what: "goods", paper, madeMs: 1, key: 3, who: "Li", why: "w", entries: [] },
    ] as Parcel[];
    expect(nextOf(parcels)?.key).toBe(2);
  });
});

describe("where one goes", () => {
  test.each([
    ["#/lots?site=dc", { page: "lots" }],
    [lotHref("L:1"), { page: "lot", id: "L:1" }],
    [alarmLotsHref("a|b/c d"), { page: "alarm-lots", id: "a|b/c d" }],
    [lotHref("L:1", "asset:c/1"), { page: "lot", id: "L:1" }],
    ["#/recalls", { page: "recalls" }],
    [recallHref("R-1"), { page: "recall", id: "R-1" }],
    [stopSaleHref("R-1", "shop.1"), { page: "stop-sale", id: "R-1/shop.1" }],
    ["#/lot/", { page: "overview" }],
  ])("%s", (hash, route) => {
    expect(parseRoute(hash)).toMatchObject(route);
    expect(isGoods(parseRoute(hash))).toBe(route.page !== "overview");
  });
});

test("a lot's page opens with the way to the place that was asked for", () =>
  expect(parseRoute(lotHref("L:1", "asset:c&1")).query.get("place")).toBe("asset:c&1"));

const bucket = (h: number, value: number) => ({ start: hour(h), count: 1, min: value - 1, max: value + 1, mean: value });
const leg = (asset: string, from: number, to: number | null, more: Partial<LotLeg> = {}): LotLeg => ({
  lot: "L1", same_goods: true, place: `asset:${asset}`, site: "s", from: hour(from), to: to === null ? null : hour(to), presumed: false, asset,
  point: "p", why: "air", low_celsius: 2, high_celsius: 6, estimated: false, items: [], holes: [], held_min: 0, above_min: 0, below_min: 0,
  peak: null, lowest: null, dose_h: null, ...more,
});
const history = (legs: LotLeg[], gaps: LotHistory["gaps"] = []): LotHistory => ({
  lot: "L1", place: "asset:b", places: ["asset:b"], ways: 1, bucket_s: 3600, legs, gaps, unknown_h: 0, above_min: 0, below_min: 0,
  dose_h: null, dose_model: "", remaining: null,
});
const named = (one: LotLeg) => one.asset;

describe("a lot's way as a drawing", () => {
  const NOW = T0 + 10 * HOUR;

  test("each asset has its stretch; the last one ends now", () => {
    const found = drawingOf(history([leg("a", 0, 4), leg("b", 4, null, { high_celsius: 8 })]), [], NOW, named);
    expect(found.stretches).toEqual([
      { fromMs: T0, toMs: T0 + 4 * HOUR, name: "1 a", short: "1" },
      { fromMs: T0 + 4 * HOUR, toMs: NOW, name: "2 b", short: "2" },
    ]);
    expect(found.window).toEqual({ fromMs: T0, toMs: NOW });
    expect(found.limits.map((limit) => limit.high)).toEqual([6, 8]);
  });

  test("the line goes on from asset to asset where they meet", () => {
    const found = drawingOf(history([leg("a", 0, 2, { items: [bucket(0, 4), bucket(1, 5)] }), leg("b", 2, 4, { items: [bucket(2, 6), bucket(3, 7)] })]), [], NOW, named);
    expect(found.columns.mean).toEqual([4, 5, 6, 7]);
    expect(found.columns.x).toEqual([0.5, 1.5, 2.5, 3.5].map((h) => T0 / 1000 + h * 3600));
  });

  test("no line crosses a hole, nor a time of which nobody says where it was", () => {
    const inside = leg("a", 0, 3, { items: [bucket(0, 4), bucket(2, 5)], holes: [{ from: hour(1), to: hour(2), why: "no-data" }] });
    const later = leg("b", 5, 6, { items: [bucket(5, 6)] });
    const found = drawingOf(history([inside, later], [{ from: hour(3), to: hour(5), why: "no-place" }]), [], NOW, named);
    expect(found.columns.mean).toEqual([4, null, 5, null, 6]);
    expect(found.holes).toEqual([
      { fromMs: T0 + HOUR, toMs: T0 + 2 * HOUR },
      { fromMs: T0 + 3 * HOUR, toMs: T0 + 5 * HOUR },
    ]);
  });

  test("a bucket that begins before the stretch is drawn inside it", () => {
    const found = drawingOf(history([leg("b", 0.5, 2, { items: [bucket(0, 4), bucket(1, 5)] })]), [], NOW, named);
    expect(found.columns.x[0]).toBeGreaterThanOrEqual(T0 / 1000 + 0.5 * 3600);
    expect(found.columns.mean).toEqual([4, 5]);
  });

  test("what has not come yet is not on the way", () => {
    expect(stretchOf(leg("a", 0, 20), NOW)).toEqual({ fromMs: T0, toMs: NOW });
    expect(wayOf(history([leg("a", 1, 2), leg("b", 2, 3)]), NOW)).toEqual({ fromMs: T0 + HOUR, toMs: T0 + 3 * HOUR });
  });

  test("only alarms that stood in its asset while it was there are its alarms", () => {
    const alarm = (id: string, asset: string, from: number, to: number | null, state = "normal") =>
      ({ id, asset, onset: hour(from), ended: to === null ? null : hour(to), state, severity: "warning" }) as unknown as Alarm;
    const found = alarmsOnWay(
      history([leg("a", 0, 4), leg("b", 4, 6)]),
      [alarm("in", "a", 3, 5), alarm("after", "a", 4.5, 5), alarm("open", "b", 5, null), alarm("other", "c", 1, 2), alarm("gone", "a", 1, 2, "retracted")],
      NOW,
    );
    expect(found.map(({ id }) => id)).toEqual(["in", "open"]);
  });
});

describe("lots in words", () => {
  const t = translator("en");

  test("what is left is always named an estimate", () => {
    expect(leftWords(30, t)).toBe("est. 1 d 6 h left");
    for (const language of ["zh", "en"] as const)
      for (const left of [30, 0, null]) expect(leftWords(left, translator(language))).toMatch(/估算|est/);
  });

  test("a day that is printed lasts until its end in China, and the estimate is named so", () => {
    const at = (text: string) => text;
    expect(untilWords("2026-11-26", 60, "2026-11-26T16:00:00.000Z", t, at)).toBe("that is the printed expiry");
    expect(untilWords("2026-11-26", 30, "2026-11-25T10:00:00.000Z", t, at)).toBe("until 2026-11-25T10:00:00.000Z (estimate)");
    expect(untilWords("", 30, "2026-11-25T10:00:00.000Z", t, at)).toContain("estimate");
    expect(untilWords("2026-11-26", 0, "2026-11-26T16:00:00.000Z", t, at)).toBe("");
  });

  test("several places of a site are one, an uncounted one makes the sum uncounted", () => {
    const lying = [
      { place: "asset:a", site: "s1", quantity: 2 }, { place: "asset:b", site: "s1", quantity: 3.5 },
      { place: "site:s2", site: "s2", quantity: null }, { place: "site:s3", site: "s3", quantity: 1 },
    ];
    expect(placesNow(lying, "kg", t, (_place, site) => site, 2)).toBe("s1 5.5 kg · s2 uncounted · 1 more");
    expect(placesNow([], "kg", t, (place) => place, 2)).toBe("nowhere any more");
    expect(amount(0.1 + 0.2, "L", t)).toBe("0.3 L");
  });
});
