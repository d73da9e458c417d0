// Changes of a paper as people make them: what is typed is no longer from the data, and decisions follow the lines.

import type { Celsius, Delivery, DeliveryLine, Draft, Kind, MilkNote, MilkTank, Paper, PaperEnd } from "./shapes";

/** Ids sort by time and clash nowhere: milliseconds and 80 random bits. */
export function newId(kind: Kind, nowMs: number, random: Uint8Array): string {
  const chance = [...random].map((byte) => byte.toString(36).padStart(2, "0")).join("");
  return `${kind === "delivery" ? "D" : "N"}-${nowMs.toString(36)}-${chance}`.slice(0, 40);
}

export function blank(kind: Kind, nowMs: number): Paper {
  const common = { id: "", at_ms: nowMs, trip: "", vehicle: "", plate: "", driver: "", from_data: [], replaces: "", arrived: null };
  if (kind === "milk-note")
    return { put: kind, ...common, station: "", plant: "", permit: "", escort: "", unit: "kg", departed: null, tanks: [{ tank: "1", quantity: 0 }] };
  return {
    put: kind, ...common, site: "", stop: null, order: "", lines: [emptyLine()],
    packing: "", certificate: "", decision: "", reason: "", photos: [], remark: "",
  };
}

export function emptyLine(): DeliveryLine {
  return { product: "", unit: "件" };
}

/** A person wrote fields: they are no longer what the data said. */
export function typed<P extends Paper>(paper: P, change: Partial<P>, nowMs: number): P {
  const names = new Set(Object.keys(change));
  return { ...paper, ...change, at_ms: nowMs, from_data: paper.from_data.filter((name) => !names.has(name)) };
}

/** A person wrote when it was; the probe's word is of another moment and goes. */
export function endTyped(end: PaperEnd | null, atMs: number): PaperEnd {
  const kept = (end?.temperatures ?? []).filter((one) => !one.point);
  return { ...end, at_ms: atMs, known_by: "typed", temperatures: kept };
}

/** A person read a temperature off; empty takes it away. */
export function celsiusTyped(end: PaperEnd, of: string, celsius: number | null): PaperEnd {
  const others = end.temperatures.filter((one) => (one.of ?? "") !== of);
  const read: Celsius[] = celsius === null ? [] : [{ celsius, ...(of ? { of } : {}) }];
  return { ...end, temperatures: [...others, ...read] };
}

/** Numbers as people write them, at most three decimals; null: none. */
export function numberOf(text: string): number | null {
  const value = Number(text.trim().replace(",", ".").replace("−", "-"));
  return text.trim() === "" || !Number.isFinite(value) ? null : Math.round(value * 1000) / 1000;
}

/** What is refused is what came less what is accepted. */
export function accepted(line: DeliveryLine, count: number | null): DeliveryLine {
  const came = line.delivered ?? null;
  const rest = count === null || came === null ? null : Math.max(0, Math.round((came - count) * 1000) / 1000);
  return { ...line, accepted: count, refused: rest };
}

export function delivered(line: DeliveryLine, count: number | null): DeliveryLine {
  return accepted({ ...line, delivered: count }, count);
}

/** The decision that the lines make; empty while one of them is open. */
export function decisionOf(lines: readonly DeliveryLine[]): Delivery["decision"] {
  if (!lines.length || lines.some((line) => line.accepted == null || line.refused == null)) return "";
  if (lines.every((line) => !line.refused)) return "accepted";
  return lines.some((line) => line.accepted) ? "partly" : "refused";
}

export function withLines(paper: Delivery, lines: DeliveryLine[], nowMs: number): Delivery {
  return typed(paper, { lines, decision: decisionOf(lines) }, nowMs);
}

/** What a correction begins with: all of the paper that was wrong, under a new id, and which one it was. */
export function correction(paper: Paper): Paper {
  return { ...paper, id: "", replaces: paper.id };
}

export function without<T>(items: readonly T[], place: number): T[] {
  return items.filter((_, at) => at !== place);
}

/** Put something back where it was; behind the end where there is less now. */
export function withAt<T>(items: readonly T[], place: number, item: T): T[] {
  return [...items.slice(0, place), item, ...items.slice(place)];
}

/** A tank that was taken off a note, with the temperatures of its milk. */
export interface TankTaken {
  place: number;
  tank: MilkTank;
  departed: Celsius[];
  arrived: Celsius[];
}

const ofTank = (end: PaperEnd | null, name: string): Celsius[] => (end?.temperatures ?? []).filter((one) => one.of === name);

/** What of a note changes when a tank is taken off it, and what that takes away. */
export function tankTaken(note: MilkNote, place: number): { change: Partial<MilkNote>; taken: TankTaken } {
  const tank = note.tanks[place] as MilkTank;
  const rest = (end: PaperEnd | null) => end && { ...end, temperatures: end.temperatures.filter((one) => one.of !== tank.tank) };
  return {
    change: { tanks: without(note.tanks, place), departed: rest(note.departed), arrived: rest(note.arrived) },
    taken: { place, tank, departed: ofTank(note.departed, tank.tank), arrived: ofTank(note.arrived, tank.tank) },
  };
}

/** What of a note changes when a tank is put back onto it. */
export function tankBack(note: MilkNote, { place, tank, departed, arrived }: TankTaken): Partial<MilkNote> {
  const more = (end: PaperEnd | null, own: Celsius[]) => end && { ...end, temperatures: [...end.temperatures, ...own] };
  return { tanks: withAt(note.tanks, place, tank), departed: more(note.departed, departed), arrived: more(note.arrived, arrived) };
}

/** Where a paper goes from and to, for a list. */
export function wayOf(paper: Paper): string {
  return paper.put === "milk-note" ? [paper.station, paper.plant].filter(Boolean).join(" → ") : paper.site;
}

/** Of what this device has and what the server has the version that was written last. */
export function newer(own: Paper | undefined, theirs: Paper | undefined): Paper | null {
  if (!own || !theirs) return own ?? theirs ?? null;
  return theirs.at_ms > own.at_ms ? theirs : own;
}

/** The draft of the same stop. */
export function draftOf(paper: Paper, drafts: readonly Draft[]): Paper | undefined {
  return drafts.find(({ content, stop }) =>
    paper.put === "milk-note"
      ? content.put === paper.put && content.station === paper.station
      : content.put === paper.put && content.site === paper.site && (paper.stop ?? stop) === stop,
  )?.content;
}
