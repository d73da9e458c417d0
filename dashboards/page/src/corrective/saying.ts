// Saying what was done: kept to be sent, with or without a line.

import { enqueue } from "../papers/line";
import { store } from "../store";
import { blankCorrection, fresh } from "./needed";
import type { Cause, Correction, Corrective } from "./shapes";

/** Now by the server's clock, whole ms. */
export const saidAt = (): number => Math.floor(store.nowMs());

/** Keep entries to be sent, and send them now if the line is there. */
export async function tell(who: string, why: string, about: string, entries: Corrective[], nowMs: number): Promise<void> {
  await enqueue({ what: "corrective", paper: about, madeMs: nowMs, who, why, entries });
}

/** One tap on a cause. */
export async function tap(who: string, why: string, about: string, cause: Cause, nowMs: number): Promise<void> {
  const entry: Correction = { ...blankCorrection(about), id: fresh("c", nowMs), at_ms: nowMs, cause };
  await tell(who, why, about, [entry], nowMs);
}
