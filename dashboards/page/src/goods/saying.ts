// What people say of goods, as entries: holds, their undoing, recalls and answers.

import type { Decision, GoodsEntry, Level, Plan, Recall, Step } from "./shapes";

/** Ids sort by time and clash nowhere: what it is, milliseconds, and 40 random bits. */
export function newId(kind: "H" | "R" | "D", nowMs: number, random: Uint8Array): string {
  return `${kind}-${nowMs.toString(36)}-${[...random].map((byte) => byte.toString(36).padStart(2, "0")).join("")}`;
}

export const chance = (): Uint8Array => crypto.getRandomValues(new Uint8Array(5));

/** One hold of several lots, each wherever it is, or only what of it lies at some places. */
export function holds(id: string, lots: readonly { id: string; places: readonly string[] }[], atMs: number, alarm = ""): GoodsEntry[] {
  return lots.flatMap(({ id: lot, places }) =>
    // A hold has one place: a lot that lies at several places of a site has a hold for each.
    (places.length ? places : [""]).map((place, number) => ({
      put: "lot-hold" as const, id: number ? `${id}.${number}` : id, lot, at_ms: atMs, place, alarm,
    })),
  );
}

export function releases(held: readonly GoodsEntry[], decision: Decision, atMs: number): GoodsEntry[] {
  return held.flatMap((one) => (one.put === "lot-hold" ? [{ put: "lot-release" as const, hold: one.id, lot: one.lot, decision, at_ms: atMs }] : []));
}

export function recall(id: string, lots: readonly string[], level: Level, drill: boolean, harm: string, atMs: number): GoodsEntry {
  return { put: "recall", id, level, at_ms: atMs, lots: [...lots], plan: { harm }, consumer_notice: "", drill };
}

/** A recall said anew with another plan and notice: everything else stays, its clock too. */
export function rewritten(known: Recall, plan: Plan, notice: string): GoodsEntry {
  const { id, level, lots, drill } = known;
  return { put: "recall", id, level, at_ms: Date.parse(known.decided), lots, plan, consumer_notice: notice, drill };
}

export function answer(recallId: string, site: string, step: Step, quantity: number | null, photo: string, atMs: number): GoodsEntry {
  return { put: "recall-answer", recall: recallId, site, step, at_ms: atMs, quantity, photo };
}

/** What waits to be sent of one task is kept under this name, beside the papers. */
export function parcelOf(recallId: string, site: string): string {
  return `recall:${recallId}/${site}`;
}

/** The refusals that a person can do something about; any other is shown as the server says it. */
export const REFUSED = ["same-person", "released-before", "unknown-lot"] as const;

export function refusalIn(detail: string): (typeof REFUSED)[number] | null {
  return REFUSED.find((word) => detail.includes(`${word}:`)) ?? null;
}
