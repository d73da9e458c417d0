import { describe, expect, test } from "vitest";
import { csvOf } from "../src/csv";
import { translator } from "../src/messages";
import type { Carrier, CarrierMonth } from "../src/months/shapes";
import { carrierTables, carriersTable, fileOf, monthsUntil, percent } from "../src/months/tables";
import { monthHref, parseRoute } from "../src/route";

describe("a table as a file", () => {
  test("begins with the mark by which a spreadsheet knows UTF-8, and ends each row as RFC 4180 says", () =>
    expect(csvOf([["承运商", 1], ["快", null]])).toBe("\ufeff承运商,1\r\n快,\r\n"));

  test("quotes what would break a row", () => expect(csvOf([['a "b", c', "x\ny"]])).toBe('\ufeff"a ""b"", c","x\ny"\r\n'));

  test.each([
    ["=1+1", "'=1+1"], ["+86", "'+86"], ["-18 店", "'-18 店"], ["@x", "'@x"], ["\tx", "'\tx"], ["'=1", "''=1"], ["3 A", "3 A"],
  ])("lets no spreadsheet calculate %j", (text, kept) => expect(csvOf([[text]])).toBe(`\ufeff${kept}\r\n`));

  test("keeps a number below zero a number", () => expect(csvOf([[-1.5]])).toBe("\ufeff-1.5\r\n"));
});

const MONTH: CarrierMonth = {
  carrier: "swift", carrier_name: "快运", trips: 3, ended: 2, cancelled: 0, in_time: 7, late: 2, unknown: 1, in_time_share: 7 / 9,
  delays: [{ rule: "stopped", count: 2, hours: 1.25 }], breaches: 1, refused: 0, driven_km: 412.5,
};

test("a carrier's row is in the reader's language and leads to its month", () => {
  const table = carriersTable(translator("zh"), [MONTH, { ...MONTH, carrier: "", carrier_name: "", in_time_share: null }], (name) => monthHref("2026-11", "carriers", name));

  expect(table.rows[0]?.slice(0, 9)).toEqual(["快运", 3, 7, 2, 1, "77.8%", 1, 0, 412.5]);
  expect(table.rows[0]?.[9]).toMatch(/ 2 次 1\.3 小时$/);
  expect([table.rows[1]?.[0], table.rows[1]?.[5]]).toEqual(["未说明承运商", null]);
  expect(table.links?.map((href) => parseRoute(href)).map((route) => [route.page, route.query.get("carrier")])).toEqual([["carriers", "swift"], ["carriers", ""]]);
});

test("compliance goes into the file together with what it is", () => {
  const carrier = {
    month: "2026-11", carrier: "swift", carrier_name: "快运", phone: "", vehicles: [], loads: 0, tonnes: 0, unweighed: 0, km: null, hours: null, longest: [], trend: [],
    compliance: { definition: { zh: "定义", en: "definition" }, trips: 1, unmeasured: 0, loaded_h: 1.15, known_h: 0.55, within_h: 0.42, share: 25 / 33 },
  } satisfies Carrier;

  const rows = fileOf(carrierTables(translator("en"), carrier), [carrier.compliance.definition.en]);

  expect(rows[0]).toEqual(["definition"]);
  expect(rows.slice(1, 5)).toEqual([
    [], ["Temperature compliance"],
    ["Temperature compliance", "Hours within", "Hours with data", "Hours loaded", "Trips measured", "Trips not measured"],
    ["75.8%", 0.42, 0.55, 1.15, 1, 0],
  ]);
  expect(percent(null)).toBeNull();
});

test("a month begins when it does in China", () => {
  expect(monthsUntil(Date.parse("2026-12-31T16:00:00Z")).slice(0, 3)).toEqual(["2027-01", "2026-12", "2026-11"]);
  expect(monthsUntil(Date.parse("2026-12-31T15:59:59Z"))[0]).toBe("2026-12");
});
