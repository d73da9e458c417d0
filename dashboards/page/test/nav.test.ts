import { expect, test } from "vitest";
import { ENTRIES, here, MOST_TABS } from "../src/nav";
import { parseRoute } from "../src/route";

test("a phone's bar has room for its tabs and for more", () => {
  const tabs = ENTRIES.filter((entry) => entry.tab);

  expect(tabs.length).toBeLessThanOrEqual(MOST_TABS);
  expect(tabs.length).toBeLessThan(ENTRIES.length);
});

test("each address leads to the page that its entry says, and to no other's", () => {
  for (const entry of ENTRIES) {
    const route = parseRoute(entry.href);
    expect(ENTRIES.filter((one) => here(one, route))).toEqual([entry]);
  }
});

test("one trip is under trips, one paper under papers, everything of goods under lots", () => {
  const places = ["#/trip/T1", "#/paper/D1", "#/lot/L1", "#/alarm-lots/a", "#/recalls", "#/recall/R1", "#/stop-sale/R1/s1"].map((hash) => ENTRIES.find((one) => here(one, parseRoute(hash)))?.page);

  expect(places).toEqual(["trips", "papers", "lots", "lots", "lots", "lots", "lots"]);
});
