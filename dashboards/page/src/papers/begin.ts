// A paper begins on this device: it has its id before anybody else knows of it.

import { paperHref } from "../route";
import { newId } from "./editing";
import { sheets } from "./keeping";
import type { Paper } from "./shapes";

/** Give a paper its id, keep it on this device, and open it; `why`: the reason for a correction. */
export async function begin(paper: Paper, why?: string): Promise<void> {
  const nowMs = Date.now();
  const id = newId(paper.put, nowMs, crypto.getRandomValues(new Uint8Array(10)));
  await sheets.put({ id, sent: false, paper: { ...paper, id, at_ms: nowMs }, signatures: [], ...(why ? { why } : {}) });
  location.hash = paperHref(id);
}
