// Quantities, places and what is left of a lot as text.

import { duration } from "../format";
import type { Translate } from "../messages";
import type { Lying } from "./shapes";

export function amount(quantity: number | null, unit: string, t: Translate): string {
  return quantity === null ? t("lots.uncounted") : `${Number(quantity.toFixed(3))} ${unit}`.trim();
}

/** Where it lies: by site, what lies at several places of one added up; a few of them, and how many more. */
export function placesNow(lying: readonly Lying[], unit: string, t: Translate, named: (place: string, site: string) => string, most: number): string {
  if (!lying.length) return t("lots.nowhere");
  const sites = new Map<string, number | null>();
  for (const { site, place, quantity } of lying) {
    const key = site ? `site:${site}` : place;
    const sum = sites.has(key) ? sites.get(key) : 0;
    sites.set(key, sum == null || quantity === null ? null : sum + quantity);
  }
  const shown = [...sites].slice(0, most).map(([place, sum]) => `${named(place, place.replace(/^site:/, ""))} ${amount(sum, unit, t)}`);
  const more = sites.size - shown.length;
  return [...shown, ...(more > 0 ? [t("lots.places.more", { n: more })] : [])].join(" · ");
}

/** What is left, always named an estimate. */
export function leftWords(leftH: number | null, t: Translate): string {
  if (leftH === null) return t("lots.left.unknown");
  return leftH <= 0 ? t("lots.left.over") : t("lots.left", { duration: duration(leftH * 3600, t) });
}

const DAY_MS = 86_400_000;
/** An estimate so close to the end of the printed day is that day. */
const SAME_MS = 3_600_000;

/** Say whether an estimate ends with the printed expiry: a day ends in China, as on the server. */
export function isPrinted(expires: string, until: string): boolean {
  const day = /^\d{4}-\d\d-\d\d$/.test(expires);
  const endMs = day ? Date.parse(`${expires}T00:00:00+08:00`) + DAY_MS : Date.parse(expires);
  return Math.abs(endMs - Date.parse(until)) < SAME_MS;
}

/** Until when it is, where anything is left: the printed expiry by its name, else the estimated moment. */
export function untilWords(expires: string, leftH: number | null, until: string | null, t: Translate, at: (text: string) => string): string {
  if (until === null || leftH === null || leftH <= 0) return "";
  return isPrinted(expires, until) ? t("lots.until.printed") : t("lots.until", { time: at(until) });
}
