// Numbers, ages and times as text.

import type { Language, Translate } from "./messages";

const MINUS = "−";

/** One decimal, a true minus sign; never "−0.0". */
export function celsius(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(1);
  return value < 0 && text !== "0.0" ? MINUS + text : text;
}

/** A limit without a needless ".0": "8", "−1.5". */
export function limit(value: number): string {
  return celsius(value).replace(/\.0$/, "");
}

/** "12 秒", "3 分钟", "2 小时 5 分", "3 天 4 小时": the two largest units from an hour on. */
export function duration(seconds: number, t: Translate): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return t("duration.s", { s });
  const m = Math.floor(s / 60);
  if (m < 60) return t("duration.m", { m });
  const h = Math.floor(m / 60);
  if (h < 24) return m % 60 ? t("duration.hm", { h, m: m % 60 }) : t("duration.h", { h });
  const d = Math.floor(h / 24);
  return h % 24 ? t("duration.dh", { d, h: h % 24 }) : t("duration.d", { d });
}

/** "刚刚", "12 秒前", "3 小时前": the largest unit is enough for an age. */
export function age(ageMs: number, t: Translate): string {
  if (ageMs < 1000) return t("age.now");
  return t("age.ago", { duration: coarse(Math.floor(ageMs / 1000), t) });
}

function coarse(s: number, t: Translate): string {
  if (s < 60) return t("duration.s", { s });
  if (s < 3600) return t("duration.m", { m: Math.floor(s / 60) });
  return s < 86_400 ? t("duration.h", { h: Math.floor(s / 3600) }) : t("duration.d", { d: Math.floor(s / 86_400) });
}

/** An IANA time zone; without one the viewer's own. */
export type Zone = string | undefined;

/** Return the zone of a site, or the one that all share when none is named; an unknown name counts as none. */
export function zoneOf(sites: ReadonlyMap<string, { timezone?: string }>, site: string | null): Zone {
  if (site !== null) return valid(sites.get(site)?.timezone);
  const zones = new Set([...sites.values()].map((one) => one.timezone));
  return zones.size === 1 ? valid([...zones][0]) : undefined;
}

function valid(zone: string | undefined): Zone {
  try {
    if (zone) new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone || undefined;
  } catch {
    return undefined;
  }
}

const LOCALE: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${language} ${zone} ${JSON.stringify(options)}`;
  let made = formats.get(name);
  if (!made) formats.set(name, (made = new Intl.DateTimeFormat(LOCALE[language], { hourCycle: "h23", timeZone: zone, ...options })));
  return made;
}

export function clock(ms: number, language: Language, zone: Zone): string {
  return format(language, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

export function hourMinute(ms: number, language: Language, zone: Zone): string {
  return format(language, zone, { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function day(ms: number, language: Language, zone: Zone): string {
  return format(language, zone, { month: language === "zh" ? "numeric" : "short", day: "numeric" }).format(ms);
}

export function longDay(ms: number, language: Language, zone: Zone): string {
  const month = language === "zh" ? "long" : "short";
  return format(language, zone, { month, day: "numeric", weekday: "short" }).format(ms);
}

/** The time alone for today, else with its day. */
export function moment(ms: number, nowMs: number, language: Language, zone: Zone): string {
  const date = format("en", zone, { year: "numeric", month: "numeric", day: "numeric" });
  const time = hourMinute(ms, language, zone);
  return date.format(ms) === date.format(nowMs) ? time : `${day(ms, language, zone)} ${time}`;
}

export function exact(ms: number, language: Language, zone: Zone): string {
  return `${day(ms, language, zone)} ${clock(ms, language, zone)}`;
}
