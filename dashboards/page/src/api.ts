// The HTTP door: typed reads of /api/v1, problem documents as errors.

import type { Alarm, Asset, Health, Page, Point, Reading, Rollups, Site, Trip, TripShort, TripTrack, Unclaimed } from "./contract";
import type { Draft, PaperAnswer, PaperShort } from "./papers/shapes";

const ROOT = new URL("api/v1/", document.baseURI);

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(`${status} ${detail}`);
  }
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.set(name, String(value));
  const response = await fetch(url, { headers: { accept: "application/json" }, signal: signal ?? null });
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { title?: string; detail?: string } | null;
    throw new ApiError(response.status, problem?.detail ?? problem?.title ?? response.statusText);
  }
  return (await response.json()) as T;
}

/** What became of something sent: the status, and what a refusal says. Throws where no server was reached. */
async function post(path: string, body: BodyInit): Promise<{ status: number; detail: string }> {
  const response = await fetch(new URL(path, ROOT), { method: "POST", body });
  const problem = response.ok ? null : ((await response.json().catch(() => null)) as { detail?: string } | null);
  return { status: response.status, detail: problem?.detail ?? response.statusText };
}

export const postPapers = (said: object) => post("papers", JSON.stringify(said));
export const postPhoto = (picture: Blob) => post("photos", picture);

async function all<T>(path: string, query: Query = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(path, { ...query, cursor });
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor);
  return items;
}

/** Trips of a list: more than this are not looked through by a person. */
const TRIPS = 500;

const iso = (ms: number): string => new Date(ms).toISOString();

export const api = {
  health: () => get<Health>("health"),
  sites: () => all<Site>("sites"),
  assets: () => all<Asset>("assets"),
  points: () => all<Point>("points"),
  papers: () => get<Page<PaperShort>>("papers", { limit: 50 }).then((page) => page.items),
  paper: (id: string) => get<PaperAnswer>(`papers/${encodeURIComponent(id)}`),
  drafts: (trip: string) => get<{ items: Draft[] }>(`trips/${encodeURIComponent(trip)}/drafts`).then((found) => found.items),
  paperPdf: (id: string, copy: string, lang: string) =>
    new URL(`papers/${encodeURIComponent(id)}/pdf?copy=${copy}&lang=${lang}`, ROOT).href,
  inbox: () => get<Page<Unclaimed>>("inbox").then((page) => page.items),
  alarms: (state: "open" | "all", cursor: string | null, limit: number, asset?: string) =>
    get<Page<Alarm>>("alarms", { state, cursor, limit, asset }),
  trips: (state: string) => get<Page<TripShort>>("trips", { state, limit: TRIPS }).then((page) => page.items),
  trip: (id: string) => get<Trip>(`trips/${encodeURIComponent(id)}`),
  track: (id: string) => get<TripTrack>(`trips/${encodeURIComponent(id)}/track`),
  rollups: (point: string, fromMs: number, toMs: number, buckets: number, signal?: AbortSignal) =>
    get<Rollups>(`points/${encodeURIComponent(point)}/rollups`, { from: iso(fromMs), to: iso(toMs), buckets }, signal),
  readings: (point: string, fromMs: number, toMs: number, limit: number, signal?: AbortSignal) =>
    get<Page<Reading>>(
      `points/${encodeURIComponent(point)}/readings`,
      { from: iso(fromMs), to: iso(toMs), limit },
      signal,
    ),
};

export function liveUrl(since: number): string {
  const url = new URL("live", ROOT);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("since", String(since));
  return url.href;
}
