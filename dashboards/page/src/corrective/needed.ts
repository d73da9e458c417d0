// Which fields a grade of corrective action needs before it counts as done.

import type { Correction, CorrectionWhole, Grade } from "./shapes";

const NEEDED: Readonly<Record<Grade, readonly (keyof Correction)[]>> = {
  minor: ["cause"],
  serious: ["cause", "action", "photos"],
  severe: ["cause", "action", "responsible", "due_ms", "disposition", "evidence"],
};

/** The fields without which it does not count as done; as the server asks for them. */
export function lacking(grade: Grade, said: Correction): string[] {
  const there = (name: keyof Correction): boolean => {
    if (name === "photos") return said.photos.length > 0;
    if (name === "evidence") return said.evidence !== "" || said.photos.length > 0;
    return Boolean(said[name]);
  };
  const missing: string[] = NEEDED[grade].filter((name) => !there(name));
  if (said.cause === "other" && said.action === "" && !missing.includes("action")) missing.push("action");
  return missing;
}

export function blankCorrection(about: string): Correction {
  return { put: "correction", id: "", about, at_ms: 0, cause: "", action: "", photos: [], evidence: "", responsible: "", due_ms: null, disposition: "", done: true };
}

/** An id that nobody used. */
export function fresh(kind: string, nowMs: number): string {
  const chance = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(36).padStart(2, "0")).join("");
  return `${kind}-${nowMs.toString(36)}-${chance}`;
}

const plain = (name: string): string => name.replace(/\s/g, "").toLowerCase();

/** Whether somebody said what is to be verified, or is responsible for it; the server refuses it, too. */
export function isOwn(who: string, item: Pick<CorrectionWhole, "correction" | "history">): boolean {
  const said = item.history.find((one) => one.entry.put === "correction" && one.entry.id === item.correction?.id);
  return [said?.who ?? "", item.correction?.responsible ?? ""].some((name) => name !== "" && plain(name) === plain(who));
}
