// Corrective action as the server tells it and takes it (docs/contracts.md, Corrective action).

import type { Photo } from "../papers/shapes";

export type Grade = "minor" | "serious" | "severe";
export type CorrectionState = "open" | "to-verify" | "closed" | "void";

export const CAUSES = ["door-open", "restocking", "broken", "power", "defrost", "probe", "on-the-way", "not-ours", "other"] as const;
export type Cause = (typeof CAUSES)[number];

export const DISPOSITIONS = ["released", "re-inspected", "downgraded", "destroyed"] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** What becomes of held goods (`lot-release`). */
export const DECISIONS = ["released", "downgraded", "written-off", "destroyed"] as const;
export type Decision = (typeof DECISIONS)[number];

export interface Correction {
  put: "correction";
  id: string;
  about: string;
  at_ms: number;
  cause: Cause | "";
  action: string;
  photos: Photo[];
  evidence: string;
  responsible: string;
  due_ms: number | null;
  disposition: Disposition | "";
  done: boolean;
}

export interface Verified {
  put: "correction-verified";
  about: string;
  correction: string;
  at_ms: number;
  accepted: boolean;
}

export interface CoreTemperature {
  put: "core-temperature";
  id: string;
  about: string;
  asset: string;
  celsius: number;
  at_ms: number;
  instrument: string;
}

export interface Lead {
  put: "lead";
  id: string;
  source: "supervision" | "sampling" | "media" | "complaint" | "employee";
  what: string;
  at_ms: number;
  site: string;
  asset: string;
  lots: string[];
  photos: Photo[];
  due_ms: number | null;
  conclusion: string;
  ends: "" | "correction" | "recall" | "unfounded";
  grade: Grade;
  recall: string;
}

export type Corrective = Correction | Verified | CoreTemperature | Lead;

export interface CorrectionShort {
  about: string;
  site: string;
  asset: string;
  rule: string;
  grade: Grade;
  state: CorrectionState;
  overdue: boolean;
  begun: string;
  due: string;
  done: string | null;
  closed: string | null;
  check_until: string | null;
  core_celsius: number | null;
  cause: Cause | "";
  responsible: string;
}

export interface Counts {
  open: number;
  overdue: number;
  to_verify: number;
  to_check: number;
}

export interface CorrectionList {
  items: CorrectionShort[];
  counts: Counts;
  next: string | null;
}

export interface Said {
  position: number;
  received_at: string;
  who: string;
  why: string;
  entry: { put: string } & Readonly<Record<string, unknown>>;
  refused: string;
  refused_zh: string;
  refused_en: string;
}

export interface CorrectionWhole extends CorrectionShort {
  needed: boolean;
  correction: Correction | null;
  lacking: string[];
  due_latest: string;
  history: Said[];
}

export interface Measured {
  decided: "may-be-sold" | "held" | "nothing";
  limit_celsius: number | null;
  lots: string[];
  words_zh: string;
  words_en: string;
}

export interface Hold {
  lot: string;
  hold: string;
  place: string;
  at: string;
  who: string;
  why: string;
  alarm: string;
}

/** A lot that lay in the asset of an alarm; `presumed`: nobody said in which cooler it is. */
export interface AlarmLot {
  id: string;
  number: string;
  presumed: boolean;
  held: boolean;
}

export interface Matter {
  id: string;
  source: string;
  site: string;
  state: "open" | "correcting" | "closed";
  at: string;
  due: string | null;
  content: Lead;
  who: string;
}
