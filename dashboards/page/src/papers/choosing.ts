// Which trips somebody who stands at a site most likely means: those that are there, those that come next, the newest.

import type { TripShort } from "../contract";

/** Return trips without those named twice, in the order in which they are offered; `site` "": nobody said where. */
export function offered(trips: readonly TripShort[], site: string): TripShort[] {
  const each = [...new Map(trips.map((trip) => [trip.id, trip])).values()].filter((trip) => trip.state !== "cancelled");
  return each.sort((a, b) => nearness(a, site) - nearness(b, site) || begin(b) - begin(a) || (a.id < b.id ? 1 : -1));
}

/** 0: it is there now; 1: its next stop is there; 2: it comes later, came before, or nobody said where one is. */
export function nearness(trip: TripShort, site: string): 0 | 1 | 2 {
  if (site && trip.at_site === site) return 0;
  return site && trip.next_site === site ? 1 : 2;
}

/** Return [from, to) of the day of a time by some clock's offset, ms. */
export function dayOf(atMs: number, offsetMs: number): [number, number] {
  const from = Math.floor((atMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
  return [from, from + DAY_MS];
}

const DAY_MS = 86_400_000;

function begin(trip: TripShort): number {
  return trip.begins === null ? 0 : Date.parse(trip.begins);
}
