// Papers as the ledger has them (docs/contracts.md, change entries) and as /api/v1/papers answers.

export type Role = "handler" | "escort" | "driver" | "receiver";
export type Kind = "milk-note" | "delivery";
export type KnownBy = "positions" | "said" | "typed";

export interface Celsius {
  celsius: number;
  of?: string;
  point?: string;
  measured_ms?: number | null;
  thermometer?: string;
}

export interface PaperEnd {
  at_ms: number;
  known_by: KnownBy;
  temperatures: Celsius[];
  remark?: string;
}

export interface Photo {
  sha256: string;
  size: number;
  type: string;
}

export interface MilkTank {
  tank: string;
  quantity: number;
  seals?: string[];
  samples?: string[];
}

export interface MilkNote {
  put: "milk-note";
  id: string;
  at_ms: number;
  station: string;
  plant: string;
  trip: string;
  vehicle: string;
  plate: string;
  permit: string;
  driver: string;
  escort: string;
  unit: string;
  tanks: MilkTank[];
  departed: PaperEnd | null;
  arrived: PaperEnd | null;
  from_data: string[];
  replaces: string;
}

export interface DeliveryLine {
  product: string;
  unit: string;
  lot?: string;
  number?: string;
  ordered?: number | null;
  delivered?: number | null;
  accepted?: number | null;
  refused?: number | null;
  reason?: string;
  celsius?: Celsius | null;
  photos?: Photo[];
}

export interface Delivery {
  put: "delivery";
  id: string;
  at_ms: number;
  site: string;
  trip: string;
  stop: number | null;
  vehicle: string;
  plate: string;
  driver: string;
  order: string;
  arrived: PaperEnd | null;
  lines: DeliveryLine[];
  packing: "" | "intact" | "damaged";
  certificate: "" | "seen" | "missing";
  decision: "" | "accepted" | "partly" | "refused";
  reason: string;
  photos: Photo[];
  remark: string;
  from_data: string[];
  replaces: string;
}

export type Paper = MilkNote | Delivery;

export interface Signature {
  put: "paper-signature";
  paper: string;
  role: Role;
  name: string;
  content: string;
  at_ms: number;
  stroke: string;
  phone: string;
  user: string;
  device: string;
}

/** A paper that was never completed is no longer meant; why stands with the entry. */
export interface PaperVoid {
  put: "paper-void";
  paper: string;
  at_ms: number;
}

/** What is said of a paper. */
export type Entry = Paper | Signature | PaperVoid;

export interface Beside {
  field: string;
  source: string;
  differs: boolean;
  at: string | null;
  celsius: number | null;
  text: string | null;
  measured_at: string | null;
}

export interface PaperShort {
  id: string;
  kind: Kind;
  state: "draft" | "complete" | "voided";
  sender: string;
  receiver: string;
  when: string;
  missing: Role[];
  replaced_by: string[];
}

export interface PaperAnswer extends PaperShort {
  content: Paper;
  signatures: { role: Role; name: string; signed_at: string; stroke: string; hash: string; counts: boolean }[];
  beside: Beside[];
  photos_missing: string[];
  voided: { at: string; who: string; why: string } | null;
  /** Of the newest version. */
  why: string;
}

export interface Draft {
  stop: number;
  content: Paper;
  existing: string[];
}

export const ROLES: Readonly<Record<Kind, readonly Role[]>> = {
  "milk-note": ["handler", "escort", "driver", "receiver"],
  delivery: ["driver", "receiver"],
};
