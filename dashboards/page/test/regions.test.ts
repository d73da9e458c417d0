import { expect, test } from "vitest";
import { groupByRegion } from "../src/regions";

const at = (id: string, region: string) => ({ id, site: { region, region_name: region.toUpperCase() } });

test("the region of the most urgent site comes first, and sites keep their order in it", () => {
  const areas = groupByRegion([at("1", "south"), at("2", "north"), at("3", "south")]);
  expect(areas.map(({ name, groups }) => [name, groups.map(({ id }) => id).join(" ")])).toEqual([["SOUTH", "1 3"], ["NORTH", "2"]]);
});

test("a fleet without regions is one area without a name", () => {
  expect(groupByRegion([at("1", ""), { id: "2", site: null }]).map(({ name, groups }) => [name, groups.length])).toEqual([["", 2]]);
});
