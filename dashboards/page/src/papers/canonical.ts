// What of a paper is signed, and its SHA-256: the same bytes as coldchain/papers/content.py.

import type { Paper, Role } from "./shapes";

/** JSON with sorted keys, without white space, without what is empty. */
export function canonical(value: unknown): string {
  return JSON.stringify(plain(value));
}

/** SHA-256 of all of a paper but the time at which this version was written. */
export function digest(paper: Paper): Promise<string> {
  return sha256(new TextEncoder().encode(canonical({ ...paper, at_ms: null })));
}

/** SHA-256 of what a role signs: who signs as the milk leaves cannot know how it arrives. */
export function signedDigest(paper: Paper, role: Role): Promise<string> {
  return digest(paper.put === "milk-note" && role !== "receiver" ? { ...paper, arrived: null } : paper);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The fields without which a role cannot sign. */
export function lacking(paper: Paper, role: Role): string[] {
  const wanted: Record<string, unknown> =
    paper.put === "milk-note"
      ? {
          station: paper.station,
          plate: paper.plate,
          tanks: paper.tanks.length && paper.tanks.every((tank) => tank.quantity > 0),
          departed: paper.departed,
          ...(role === "receiver" ? { plant: paper.plant, arrived: paper.arrived } : {}),
        }
      : {
          arrived: paper.arrived,
          lines: paper.lines.length && paper.lines.every((line) => line.accepted != null && line.refused != null),
          decision: paper.decision,
        };
  return Object.keys(wanted).filter((name) => !wanted[name]);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, one]) => [name, plain(one)] as const);
  return Object.fromEntries(entries.filter(([, one]) => !empty(one)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function empty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
