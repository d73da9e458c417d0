import { describe, expect, test } from "vitest";
import { canonical, digest, lacking, signedDigest } from "../src/papers/canonical";
import { dayOf, nearness, offered } from "../src/papers/choosing";
import type { TripShort } from "../src/contract";
import { accepted, blank, celsiusTyped, correction, decisionOf, delivered, draftOf, endTyped, newer, newId, numberOf, tankBack, tankTaken, typed, withAt, withLines, without } from "../src/papers/editing";
import { type Keeper, nextOf, outcomeOf, type Parcel, sendAll } from "../src/papers/outbox";
import { fitting } from "../src/papers/picture";
import type { Delivery, DeliveryLine, MilkNote } from "../src/papers/shapes";
import { onSheet, pathOf } from "../src/papers/stroke";
import { parseRoute } from "../src/route";

const NOTE: MilkNote = {
  put: "milk-note", id: "N-9", at_ms: 1_700_000_000_000, station: "st-1", plant: "", trip: "", vehicle: "", plate: "沪A", permit: "",
  driver: "", escort: "", unit: "kg", tanks: [{ tank: "t", quantity: 1000 }, { tank: "u", quantity: 12.5, seals: [] }],
  departed: null, arrived: null, from_data: [], replaces: "",
};

describe("what is signed", () => {
  // The same paper, bytes and hash as in tests/papers/test_content.py.
  const BYTES =
    '{"id":"N-9","plate":"沪A","put":"milk-note","station":"st-1",' +
    '"tanks":[{"quantity":1000,"tank":"t"},{"quantity":12.5,"tank":"u"}],"unit":"kg"}';

  test("is the server's canonical JSON", () => expect(canonical({ ...NOTE, at_ms: null })).toBe(BYTES));

  test("has the hash that the server reckons", async () =>
    expect(await digest(NOTE)).toBe("324017114acc96dc7ae292386be16f24718167be5e3a35d96e1e11c7aabe5efa"));

  test("does not hold the arrival where the station signs, and does where the plant does", async () => {
    const came = { ...NOTE, arrived: { at_ms: 1_700_000_900_000, known_by: "typed" as const, temperatures: [{ celsius: 4 }] } };
    expect(await signedDigest(came, "handler")).toBe(await digest(NOTE));
    expect(await signedDigest(came, "receiver")).not.toBe(await digest(NOTE));
  });

  test("keeps zero and no apart from nothing", () => expect(canonical({ a: 0, b: false, c: null, d: "", e: [], f: {} })).toBe('{"a":0,"b":false}'));

  test("lacks what nobody can sign without", () => {
    expect(lacking(NOTE, "handler")).toEqual(["departed"]);
    expect(lacking(NOTE, "receiver")).toEqual(["departed", "plant", "arrived"]);
    expect(lacking(blank("delivery", 0), "driver")).toEqual(["arrived", "lines", "decision"]);
  });
});

describe("writing", () => {
  test("takes a field away from what the data said", () => {
    const changed = typed({ ...NOTE, from_data: ["plate", "station"] }, { plate: "沪B" }, 5);
    expect([changed.plate, changed.from_data, changed.at_ms]).toEqual(["沪B", ["station"], 5]);
  });

  test("another time drops what the probe said at the old one, and keeps what a person read", () => {
    const end = { at_ms: 1, known_by: "positions" as const, temperatures: [{ celsius: 3, of: "a", point: "p" }, { celsius: 4, of: "b" }] };
    expect(endTyped(end, 9)).toEqual({ at_ms: 9, known_by: "typed", temperatures: [{ celsius: 4, of: "b" }] });
    expect(celsiusTyped(end, "a", 5.5).temperatures).toEqual([{ celsius: 4, of: "b" }, { celsius: 5.5, of: "a" }]);
    expect(celsiusTyped(end, "b", null).temperatures).toEqual([{ celsius: 3, of: "a", point: "p" }]);
  });

  test.each([["4,25", 4.25], [" −1.2346 ", -1.235], ["", null], ["x", null], ["0", 0]])("reads %j as %j", (text, value) =>
    expect(numberOf(text)).toBe(value));

  const line = (delivered_: number, accepted_: number): DeliveryLine => accepted(delivered({ product: "p", unit: "件" }, delivered_), accepted_);

  test("what is not accepted is refused", () => {
    expect(delivered({ product: "p", unit: "件" }, 40)).toMatchObject({ delivered: 40, accepted: 40, refused: 0 });
    expect(line(40, 39.9)).toMatchObject({ accepted: 39.9, refused: 0.1 });
  });

  test.each([
    [[line(4, 4), line(2, 2)], "accepted"],
    [[line(4, 4), line(2, 0)], "partly"],
    [[line(4, 1)], "partly"],
    [[line(4, 0), line(2, 0)], "refused"],
    [[line(4, 4), { product: "p", unit: "件" }], ""],
    [[], ""],
  ])("the lines decide: %#", (lines, decision) => {
    expect(decisionOf(lines)).toBe(decision);
    expect(withLines(blank("delivery", 0) as Delivery, lines, 1).decision).toBe(decision);
  });

  test("what was written last is on the paper, here or on another device", () => {
    const [own, theirs] = [{ ...NOTE, at_ms: 5 }, { ...NOTE, at_ms: 6 }];
    expect([newer(own, theirs), newer(own, { ...theirs, at_ms: 5 }), newer(undefined, theirs), newer(undefined, undefined)]).toEqual([theirs, own, theirs, null]);
  });

  test("a draft is of the same stop", () => {
    const shop = { ...(blank("delivery", 0) as Delivery), site: "s1" };
    const drafts = [{ stop: 1, content: NOTE, existing: [] }, { stop: 2, content: shop, existing: [] }, { stop: 3, content: { ...shop, order: "second" }, existing: [] }];
    expect(draftOf({ ...NOTE, id: "N-1" }, drafts)).toBe(NOTE);
    expect(draftOf({ ...shop, stop: 3 }, drafts)).toMatchObject({ order: "second" });
    expect(draftOf({ ...shop, site: "s9" }, drafts)).toBeUndefined();
  });

  test("ids sort by time, differ, and are ids of the registry", () => {
    const [early, late] = [newId("delivery", 1_700_000_000_000, new Uint8Array(10)), newId("delivery", 1_700_000_000_001, new Uint8Array(10))];
    expect(early < late).toBe(true);
    expect(newId("milk-note", 1_700_000_000_000, new Uint8Array(10).fill(255))).toMatch(/^N-[A-Za-z0-9._:-]{1,62}$/);
  });
});

describe("a name drawn on glass", () => {
  test("lies on the sheet whatever the screen is", () => {
    expect(onSheet(150, 60, 300, 120)).toEqual({ x: 500, y: 200 });
    expect(onSheet(-5, 500, 300, 120)).toEqual({ x: 0, y: 400 });
  });

  test("is a path without points that say nothing", () =>
    expect(pathOf([[{ x: 0, y: 0 }, { x: 1, y: 1 }, { x: 10, y: 0 }], [{ x: 5, y: 5 }]])).toBe("M 0 0 L 10 0"));

  test("fits into what the server takes", () => {
    const long = Array.from({ length: 9000 }, (_, place) => ({ x: (place * 7) % 1000, y: (place * 13) % 400 }));
    const path = pathOf([long]);
    expect(path.length).toBeLessThanOrEqual(20_000);
    expect(path).toMatch(/^M \d{1,4} \d{1,3}( [ML] \d{1,4} \d{1,3})*$/);
  });
});

describe("what waits", () => {
  const parcel = (paper: string, key: number, fault?: string): Parcel => ({ what: "entries", who: "w", entries: [], paper, madeMs: key, key, ...(fault ? { fault } : {}) });

  function kept(...parcels: Parcel[]): Keeper & { parcels: Map<number, Parcel> } {
    const held = new Map(parcels.map((one) => [one.key as number, one]));
    return {
      parcels: held,
      all: async () => [...held.values()],
      put: async (one) => void held.set(one.key as number, one),
      drop: async (key) => void held.delete(key),
    };
  }

  test("goes in order, and a refusal stops its own paper only", async () => {
    const keeper = kept(parcel("A", 1), parcel("B", 2), parcel("A", 3), parcel("B", 4));
    const seen: number[] = [];
    const outcome = await sendAll(keeper, async (one) => {
      seen.push(one.key as number);
      return one.key === 1 ? { status: 422, detail: "closed" } : { status: 201, detail: "" };
    });
    expect([outcome, seen]).toEqual(["sent", [1, 2, 4]]);
    expect([...keeper.parcels.values()].map((one) => [one.key, one.fault])).toEqual([[1, "closed"], [3, undefined]]);
  });

  test("stays while the line or the server is away", async () => {
    const keeper = kept(parcel("A", 1));
    expect(await sendAll(keeper, async () => Promise.reject(new TypeError("no line")))).toBe("again");
    expect(await sendAll(keeper, async () => ({ status: 503, detail: "" }))).toBe("again");
    expect(keeper.parcels.size).toBe(1);
  });

  test.each([[201, "sent"], [422, "refused"], [413, "refused"], [408, "again"], [429, "again"], [500, "again"], [503, "again"]])("%d is %s", (status, outcome) =>
    expect(outcomeOf(status)).toBe(outcome));

  test("nothing is next where nothing waits", () => expect(nextOf([parcel("A", 1, "closed"), parcel("A", 2)])).toBeUndefined());
});

test("a picture keeps its shape and loses what is too much", () => {
  expect(fitting(4000, 3000)).toEqual({ width: 1600, height: 1200 });
  expect(fitting(640, 480)).toEqual({ width: 640, height: 480 });
});

test("papers have addresses", () => {
  expect(parseRoute("#/papers?trip=t1")).toMatchObject({ page: "papers" });
  expect(parseRoute("#/paper/D-1%2Fx")).toMatchObject({ page: "paper", id: "D-1/x" });
});

describe("taking off a paper what was added by mistake", () => {
  const FULL: MilkNote = {
    ...NOTE,
    departed: { at_ms: 1, known_by: "typed", temperatures: [{ celsius: 3, of: "t" }, { celsius: 4, of: "u" }] },
    arrived: { at_ms: 2, known_by: "typed", temperatures: [{ celsius: 5, of: "u" }] },
  };

  test("a line goes and comes back to its place", () => {
    expect(without(["a", "b", "c"], 1)).toEqual(["a", "c"]);
    expect(withAt(["a", "c"], 1, "b")).toEqual(["a", "b", "c"]);
    expect(withAt(["a"], 2, "c")).toEqual(["a", "c"]);
  });

  test("a tank goes with the temperatures of its milk", () => {
    const { change } = tankTaken(FULL, 1);

    expect(change.tanks).toEqual([{ tank: "t", quantity: 1000 }]);
    expect(change.departed?.temperatures).toEqual([{ celsius: 3, of: "t" }]);
    expect(change.arrived?.temperatures).toEqual([]);
  });

  test("a signature counts again when what was taken off is put back", async () => {
    const { change, taken } = tankTaken(FULL, 1);
    const less = typed(FULL, change, 7);

    const back = typed(less, tankBack(less, taken), 9);

    expect(await digest(less)).not.toBe(await digest(FULL));
    expect(await digest(back)).toBe(await digest(FULL));
  });
});

test("a correction is the same content under a new id, and names the paper that was wrong", async () => {
  const right = correction({ ...NOTE, id: "N-9" });

  expect([right.id, right.replaces]).toEqual(["", "N-9"]);
  expect(await digest({ ...right, id: "N-9", replaces: "" })).toBe(await digest(NOTE));
});

describe("trips are offered", () => {
  const trip = (id: string, begins: string | null, more: Partial<TripShort> = {}) =>
    ({ id, begins, state: "under-way", at_site: "", next_site: "", ...more }) as TripShort;
  const TRIPS = [
    trip("old", "2023-11-15T01:00:00Z"),
    trip("late", "2023-11-14T20:00:00Z", { at_site: "shop" }),
    trip("off", "2023-11-15T03:00:00Z", { state: "cancelled" }),
    trip("next", "2023-11-15T00:00:00Z", { next_site: "shop" }),
    trip("new", "2023-11-15T02:00:00Z"),
    trip("new", "2023-11-15T02:00:00Z"),
    trip("some-day", null, { at_site: "elsewhere" }),
  ];

  test("first those that are here, then those that come, then the newest; each once, none that was cancelled", () =>
    expect(offered(TRIPS, "shop").map((one) => one.id)).toEqual(["late", "next", "new", "old", "some-day"]));

  test("by time alone where nobody said where one is", () =>
    expect(offered(TRIPS, "").map((one) => one.id)).toEqual(["new", "old", "next", "late", "some-day"]));

  test("one that stands at no stop is not at a site without a name", () => expect(nearness(trip("t", null), "")).toBe(2));

  test("of a day by the clock on the wall", () => {
    const [from, to] = dayOf(Date.parse("2023-11-14T17:30:00Z"), 8 * 3_600_000); // 01:30 on the 15th in China
    expect([new Date(from).toISOString(), to - from]).toEqual(["2023-11-14T16:00:00.000Z", 86_400_000]);
  });
});
