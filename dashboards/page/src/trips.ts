// What of trips needs a human first, and how a stop stands beside its plan.

import type { TripShort, TripStop } from "./contract";

const SEVERITY = { critical: 3, warning: 2, notice: 1 } as const;

/** Order trips: the worst alarm first, then the likelier miss, then who arrives first; what nobody expects last. */
export function byTrouble(a: TripShort, b: TripShort): number {
  return worst(b) - worst(a) || (b.chance ?? 0) - (a.chance ?? 0) || due(a) - due(b) || a.id.localeCompare(b.id);
}

export function worst(trip: TripShort): number {
  return Math.max(0, ...trip.troubles.map(({ severity }) => SEVERITY[severity]));
}

function due(trip: TripShort): number {
  return trip.expected === null ? Number.POSITIVE_INFINITY : Date.parse(trip.expected);
}

export type StopState = "done" | "there" | "late" | "risk" | "expected" | "planned";

/** From so much chance on a stop is more likely missed than not. */
const AT_RISK = 0.5;

/** Return how a stop stands: visited (in time or late), expected (likely missed or not), or nobody knows. */
export function stopState(stop: TripStop): StopState {
  if (stop.arrived !== null) {
    if (lateMinutes(stop) > 0) return "late";
    return stop.left === null && stop.accepted === null ? "there" : "done";
  }
  if (stop.expected === null) return "planned";
  return (stop.chance ?? 0) >= AT_RISK ? "risk" : "expected";
}

/** Return by how many minutes a stop was, or is expected to be, missed; negative: that much in time; 0 without an end. */
export function lateMinutes(stop: TripStop): number {
  const at = stop.arrived ?? stop.expected;
  return at === null || stop.due === null ? 0 : Math.round((Date.parse(at) - Date.parse(stop.due)) / 60_000);
}

/** Return the number of the stops at each place, in planned order: a trip may load and end at the same one. */
export function shared(stops: readonly TripStop[]): { latitude: number; longitude: number; stops: number[] }[] {
  const found = new Map<string, { latitude: number; longitude: number; stops: number[] }>();
  stops.forEach(({ latitude, longitude }, number) => {
    if (latitude === null || longitude === null) return;
    const key = `${latitude} ${longitude}`;
    const place = found.get(key) ?? { latitude, longitude, stops: [] };
    place.stops.push(number);
    found.set(key, place);
  });
  return [...found.values()];
}

const PLACE = "trip:";

/** Return the trip that an alarm is of, from what stands for its point; null for any other alarm. */
export function tripOf(point: string): string | null {
  return point.startsWith(PLACE) ? point.slice(PLACE.length) : null;
}
