// Frames fold into one picture of now. Pure: a frame and a picture in, the next picture out.
//
//   frame ──▶ latest   newest measured time wins, per point
//         ──▶ alarms   highest version wins, per alarm
//         ──▶ pending  the whole list, every time
//         ──▶ gateways last word wins, per node

import type { Alarm, Frame, Gateway, LatestRow, Pending } from "./contract";

export interface Latest {
  measuredAtMs: number;
  value: number | null;
  quality: number;
}

/** What the server said, and the measured time of the reading up to which `held_s` counts. */
export interface PendingSeen extends Pending {
  heldAtMs: number | null;
}

export interface Picture {
  position: number;
  registry: number | null;
  latest: ReadonlyMap<string, Latest>;
  alarms: ReadonlyMap<string, Alarm>;
  pending: ReadonlyMap<string, PendingSeen>;
  gateways: ReadonlyMap<string, Gateway>;
}

export const EMPTY: Picture = {
  position: 0,
  registry: null,
  latest: new Map(),
  alarms: new Map(),
  pending: new Map(),
  gateways: new Map(),
};

/** Return the picture after a frame; parts that did not change keep their identity. */
export function merge(picture: Picture, frame: Frame): Picture {
  const base = frame.full ? { ...EMPTY, registry: picture.registry } : picture;
  const latest = mergeLatest(base.latest, frame.latest ?? []);
  return {
    position: frame.position,
    registry: frame.registry ?? base.registry,
    latest,
    alarms: mergeAlarms(base.alarms, frame.alarms ?? []),
    pending: frame.pending ? mergePending(picture.pending, frame.pending, latest) : base.pending,
    gateways: mergeGateways(base.gateways, frame.gateways ?? []),
  };
}

function mergeLatest(held: ReadonlyMap<string, Latest>, rows: LatestRow[]): ReadonlyMap<string, Latest> {
  let next: Map<string, Latest> | null = null;
  for (const [point, measuredAtMs, value, quality] of rows) {
    const known = (next ?? held).get(point);
    if (known && known.measuredAtMs > measuredAtMs) continue;
    next ??= new Map(held);
    next.set(point, { measuredAtMs, value, quality });
  }
  return next ?? held;
}

export function mergeAlarms(held: ReadonlyMap<string, Alarm>, changed: Alarm[]): ReadonlyMap<string, Alarm> {
  let next: Map<string, Alarm> | null = null;
  for (const alarm of changed) {
    const known = (next ?? held).get(alarm.id);
    if (known && known.version > alarm.version) continue;
    next ??= new Map(held);
    next.set(alarm.id, alarm);
  }
  return next ?? held;
}

/** The judge may be a moment behind the latest value: what it has not counted yet moves no anchor. */
function mergePending(
  held: ReadonlyMap<string, PendingSeen>,
  said: Pending[],
  latest: ReadonlyMap<string, Latest>,
): ReadonlyMap<string, PendingSeen> {
  return new Map(
    said.map((one) => {
      const known = held.get(one.point);
      const same = known && known.rule === one.rule && known.since === one.since && known.held_s === one.held_s;
      return [one.point, same ? known : { ...one, heldAtMs: latest.get(one.point)?.measuredAtMs ?? null }];
    }),
  );
}

function mergeGateways(held: ReadonlyMap<string, Gateway>, said: Gateway[]): ReadonlyMap<string, Gateway> {
  if (said.length === 0) return held;
  const next = new Map(held);
  for (const gateway of said) next.set(gateway.node, gateway);
  return next;
}
