// Lots and recalls as /api/v1 answers, and what is written of them (docs/contracts.md, change entries).

import type { Span } from "../contract";

export type LotState = "free" | "held" | "partly-held" | "released" | "downgraded" | "written-off" | "destroyed";
export type Decision = Exclude<LotState, "free" | "held" | "partly-held">;
export const DECISIONS: readonly Decision[] = ["released", "downgraded", "written-off", "destroyed"];

export interface LotShort {
  id: string;
  product: string;
  gtin: string;
  number: string;
  produced: string;
  expires: string;
  quantity: number;
  unit: string;
  label: string;
  low_celsius: number | null;
  high_celsius: number | null;
}

export interface Lying {
  place: string;
  site: string;
  quantity: number | null;
}

/** May it be sold, and where how much of it lies now. */
export interface Standing {
  state: LotState;
  recalls: string[];
  drills: string[];
  lying_at: Lying[];
}

export interface LotWithin extends LotShort, Standing {
  place: string;
  lying: number | null;
  presumed: boolean;
}

/** What is left is an estimate, and never later than the printed expiry. */
export interface LotDue extends LotShort, Standing {
  lying: number | null;
  held: boolean;
  dose_h: number | null;
  dose_model: string;
  unknown_h: number;
  left_h: number | null;
  estimated_until: string | null;
}

export interface Received {
  lot: string;
  site: string;
  site_name: string;
  operator_name: string;
  phone: string;
  first_at: string;
  last_at: string;
  quantity: number | null;
  lying: number | null;
  papers: string[];
}

export interface Hold {
  lot: string;
  hold: string;
  place: string;
  at: string;
  who: string;
  why: string;
  alarm: string;
  decision: "" | Decision;
  decided_at: string | null;
  decided_by: string;
  decided_why: string;
}

export interface Lot extends LotShort, Standing {
  stays: { place: string; site: string; arrived: string; from: string; to: string | null; quantity: number | null; presumed_in: string[] }[];
  holds: Hold[];
  doubts: { lot: string; doubt: string; at: string; place: string; quantity: number | null }[];
  parents: { lot: string; lot_change: string; kind: string; at: string; place: string }[];
  departures: { at: string; place: string; quantity: number | null; how: string; lot_change: string }[];
  descendants: string[];
  consignees: Received[];
}

export interface LotHole extends Span {
  why: string;
}

export interface LotLeg {
  lot: string;
  same_goods: boolean;
  place: string;
  site: string;
  from: string;
  to: string | null;
  presumed: boolean;
  asset: string;
  point: string;
  why: string;
  low_celsius: number | null;
  high_celsius: number | null;
  estimated: boolean;
  items: { start: string; count: number; min: number; max: number; mean: number }[];
  holes: LotHole[];
  held_min: number;
  above_min: number;
  below_min: number;
  peak: number | null;
  lowest: number | null;
  dose_h: number | null;
}

export interface LotHistory {
  lot: string;
  place: string;
  places: string[];
  ways: number;
  bucket_s: number;
  legs: LotLeg[];
  gaps: LotHole[];
  unknown_h: number;
  above_min: number;
  below_min: number;
  dose_h: number | null;
  dose_model: string;
  remaining: { label_life_h: number; used_h: number; left_h: number; estimated_until: string } | null;
}

export interface LotTrace {
  lots: { lot: string; product: string; until: string }[];
  assets: (Span & { lot: string; asset: string; site: string; presumed: boolean })[];
  trips: { lot: string; trip: string; vehicles: string[]; loaded: string; unloaded: string | null }[];
  hand_overs: { lot: string; at: string; from_site_name: string; to_site_name: string; quantity: number | null; how: string; trip: string; paper: string }[];
}

export interface AlarmLot extends LotShort, Standing {
  place: string;
  from: string;
  to: string;
  there: number | null;
  presumed: boolean;
}

export interface AlarmLots {
  alarm: string;
  asset: string;
  from: string;
  to: string | null;
  total: number;
  presumed_total: number;
  became: string[];
  items: AlarmLot[];
  next: string | null;
}

export interface SiteReceived {
  site: string;
  site_name: string;
  operator_name: string;
  phone: string;
  first_at: string;
  last_at: string;
  lots: Received[];
}

export type Level = 1 | 2 | 3;
export type Step = "notified" | "stopped" | "recovered";

export interface RecallShort {
  id: string;
  level: Level;
  decided: string;
  who: string;
  why: string;
  drill: boolean;
  stamp: string;
  lots: string[];
  ended: string | null;
  due: string;
}

export interface RecallTask {
  site: string;
  site_name: string;
  operator_name: string;
  phone: string;
  planned_quantity: number | null;
  due: string;
  left_s: number | null;
  escalation: number | null;
  escalates_at: string | null;
  escalate_zh: string;
  escalate_en: string;
  steps: { step: Step; at: string; quantity: number | null; photo: string; who: string; why: string }[];
  lots: Received[];
}

export const ITEMS = ["producer", "goods", "harm", "procedure", "notice", "duties", "disposal", "expected"] as const;
export type Plan = Record<(typeof ITEMS)[number], string>;

export interface Recall extends RecallShort {
  /** As somebody wrote it; empty: the forms draw it up. */
  plan: Plan;
  consumer_notice: string;
  elapsed_s: number;
  progress: {
    sites: number;
    notified: number;
    stopped: number;
    recovered: number;
    overdue: number;
    unit: string;
    planned_quantity: number | null;
    stopped_quantity: number | null;
    recovered_quantity: number | null;
    share: number | null;
    took_s: number | null;
  };
  tasks: RecallTask[];
  closing: { ended: string; who: string; report: string } | null;
}

export interface RecallForms {
  consumer_notice: string;
  plan: Plan;
}

export interface StopSale extends RecallShort {
  task: RecallTask;
  packs: (LotShort & { zh: string; en: string; lying: number | null })[];
}

/** Entries that the page writes. */
export type GoodsEntry =
  | { put: "lot-hold"; id: string; lot: string; at_ms: number; place: string; alarm: string }
  | { put: "lot-release"; hold: string; lot: string; decision: Decision; at_ms: number }
  | { put: "recall"; id: string; level: Level; at_ms: number; lots: string[]; plan: Partial<Plan>; consumer_notice: string; drill: boolean }
  | { put: "recall-answer"; recall: string; site: string; step: Step; at_ms: number; quantity: number | null; photo: string }
  | { put: "recall-end"; recall: string; at_ms: number; report: string };
