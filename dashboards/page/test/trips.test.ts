import { describe, expect, test } from "vitest";
import type { TripShort, TripStop } from "../src/contract";
import { parseRoute, tripHref } from "../src/route";
import { byTrouble, lateMinutes, shared, stopState, tripOf } from "../src/trips";

const trip = (id: string, more: Partial<TripShort> = {}) => ({ id, troubles: [], chance: null, expected: null, ...more }) as unknown as TripShort;
const at = (minute: number) => new Date(1_700_000_000_000 + minute * 60_000).toISOString();
const stop = (more: Partial<TripStop> = {}) =>
  ({ arrived: null, left: null, accepted: null, expected: null, due: at(60), chance: null, latitude: null, longitude: null, ...more }) as TripStop;
const trouble = (severity: "critical" | "warning" | "notice") => [{ alarm: "a", rule: "late-arrival" as const, severity }];

test("who needs a human comes first: the worst alarm, the likelier miss, the earlier arrival", () => {
  const trips = [
    trip("planned"),
    trip("later", { expected: at(30) }),
    trip("sooner", { expected: at(10) }),
    trip("likely", { expected: at(90), chance: 0.6 }),
    trip("notice", { troubles: trouble("notice") }),
    trip("critical", { troubles: [...trouble("notice"), ...trouble("critical")] }),
  ];
  expect(trips.sort(byTrouble).map(({ id }) => id)).toEqual(["critical", "notice", "likely", "sooner", "later", "planned"]);
});

describe("a stop beside its plan", () => {
  test.each([
    [stop(), "planned", 0],
    [stop({ expected: at(50), chance: 0.1 }), "expected", -10],
    [stop({ expected: at(75), chance: 0.5 }), "risk", 15],
    [stop({ arrived: at(40) }), "there", -20],
    [stop({ arrived: at(40), left: at(50) }), "done", -20],
    [stop({ arrived: at(40), accepted: at(50) }), "done", -20],
    [stop({ arrived: at(80), left: at(90) }), "late", 20],
    [stop({ arrived: at(80), due: null, left: at(81) }), "done", 0],
  ])("%#", (one, state, late) => {
    expect(stopState(one)).toBe(state);
    expect(lateMinutes(one)).toBe(late);
  });
});

test("a trip that ends where it began has one place with two numbers", () => {
  const home = { latitude: 31, longitude: 121 };
  expect(shared([stop(home), stop({ latitude: 32, longitude: 121 }), stop(), stop(home)])).toEqual([
    { ...home, stops: [0, 3] },
    { latitude: 32, longitude: 121, stops: [1] },
  ]);
});

test("an alarm of a trip leads to it", () => {
  expect(tripOf("trip:T 1")).toBe("T 1");
  expect(tripOf("C-017.product")).toBeNull();
  expect(parseRoute(tripHref("T:1/2"))).toMatchObject({ page: "trip", id: "T:1/2" });
  expect(parseRoute("#/trips")).toMatchObject({ page: "trips" });
});
