// Which sites stand under which heading of the wall.

import type { Site } from "./contract";

export interface Area<T> {
  id: string;
  name: string;
  groups: T[];
}

/** Regions in the order of their first, that is their most urgent, site; what has no region stands in one without a name. */
export function groupByRegion<T extends { site: Pick<Site, "region" | "region_name"> | null }>(groups: readonly T[]): Area<T>[] {
  const areas = new Map<string, Area<T>>();
  for (const group of groups) {
    const id = group.site?.region ?? "";
    let area = areas.get(id);
    if (!area) areas.set(id, (area = { id, name: group.site?.region_name ?? "", groups: [] }));
    area.groups.push(group);
  }
  return [...areas.values()];
}
