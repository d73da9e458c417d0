// The HTTP door: typed reads of /api/v1, problem documents as errors.

import type { Alarm, Asset, Health, Page, Point, Reading, Rollups, Site, Trip, TripShort, TripTrack, Unclaimed, VehicleChange } from "./contract";
import type { AlarmLot, CorrectionList, CorrectionWhole, Hold, Matter, Measured } from "./corrective/shapes";
import type { Carrier, CarrierMonth, MilkMonth } from "./months/shapes";
import type { AlarmWhole, Drill, SentMessage } from "./told/shapes";
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

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.set(name, String(value));
  const response = await fetch(url, { headers: { accept: "application/json" }, signal: signal ?? null });
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

async function refusal(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as { title?: string; detail?: string } | null;
  return new ApiError(response.status, problem?.detail ?? problem?.title ?? response.statusText);
}

/** What became of something sent: the status, and what a refusal says. Throws where no server was reached. */
export async function post(path: string, body: BodyInit): Promise<{ status: number; detail: string }> {
  const response = await fetch(new URL(path, ROOT), { method: "POST", body });
  const problem = response.ok ? null : ((await response.json().catch(() => null)) as { detail?: string } | null);
  return { status: response.status, detail: problem?.detail ?? response.statusText };
}

/** The address of something to download or to show. */
export const urlOf = (path: string): string => new URL(path, ROOT).href;

export const postPapers = (said: object) => post("papers", JSON.stringify(said));
export const postVehicleChange = (trip: string, said: object) =>
  post(`trips/${encodeURIComponent(trip)}/vehicle-change`, JSON.stringify(said));
export const postAction = (alarm: string, said: object) => post(`alarms/${encodeURIComponent(alarm)}/actions`, JSON.stringify(said));
export const postPhoto = (picture: Blob) => post("photos", picture);

/** What became of entries of corrective action, with what core temperatures decided. */
export async function postCorrections(said: object): Promise<{ status: number; detail: string; measured: Measured[] }> {
  const response = await fetch(new URL("corrections", ROOT), { method: "POST", body: JSON.stringify(said) });
  const answer = (await response.json().catch(() => null)) as { detail?: string; measured?: Measured[] } | null;
  return { status: response.status, detail: response.ok ? "" : (answer?.detail ?? response.statusText), measured: answer?.measured ?? [] };
}

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

/** Corrective actions of a list, the oldest first: what is behind them is reached when these are done. */
const CORRECTIONS = 500;

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
  alarm: (id: string) => get<AlarmWhole>(`alarms/${encodeURIComponent(id)}`),
  messagesOf: (alarm: string) => get<Page<SentMessage>>(`alarms/${encodeURIComponent(alarm)}/messages`).then((page) => page.items),
  confirmDrill: async (key: string): Promise<Drill> => {
    const response = await fetch(new URL(`drills/${encodeURIComponent(key)}/confirmation`, ROOT), { method: "POST" });
    if (!response.ok) throw await refusal(response);
    return (await response.json()) as Drill;
  },
  corrections: (state: string) => get<CorrectionList>("corrections", { state, limit: CORRECTIONS }),
  correction: (about: string) => get<CorrectionWhole>(`corrections/${encodeURIComponent(about)}`),
  alarmLots: (alarm: string) => get<{ items: AlarmLot[] }>(`alarms/${encodeURIComponent(alarm)}/lots`).then((found) => found.items),
  photo: (sha256: string) => new URL(`photos/${sha256}`, ROOT).href,
  holds: () => get<Page<Hold>>("holds", { limit: CORRECTIONS }).then((page) => page.items),
  leads: () => get<Page<Matter>>("leads", { state: "open", limit: CORRECTIONS }).then((page) => page.items),
  inbox: () => get<Page<Unclaimed>>("inbox").then((page) => page.items),
  alarms: (state: "open" | "all", cursor: string | null, limit: number, asset?: string) =>
    get<Page<Alarm>>("alarms", { state, cursor, limit, asset }),
  trips: (state: string) => get<Page<TripShort>>("trips", { state, limit: TRIPS }).then((page) => page.items),
  /** Trips with a stop at a site (empty: at any), by state or planned to be on the way within [from, to). */
  tripsAt: (site: string, asked: { state?: string; from?: number; to?: number }) =>
    get<Page<TripShort>>("trips", {
      site: site || null,
      state: asked.state,
      from: asked.from === undefined ? null : iso(asked.from),
      to: asked.to === undefined ? null : iso(asked.to),
      limit: 100,
    }).then((page) => page.items),
  trip: (id: string) => get<Trip>(`trips/${encodeURIComponent(id)}`),
  vehicleChange: (trip: string, vehicle: string, atMs: number) =>
    get<VehicleChange>(`trips/${encodeURIComponent(trip)}/vehicle-change`, { vehicle, at: iso(atMs) }),
  track: (id: string) => get<TripTrack>(`trips/${encodeURIComponent(id)}/track`),
  carriers: (month: string) => get<{ items: CarrierMonth[] }>(`trip-months/${encodeURIComponent(month)}/carriers`),
  carrier: (month: string, carrier: string) => get<Carrier>(`trip-months/${encodeURIComponent(month)}/carrier`, { carrier }),
  milkMonth: (month: string) => get<MilkMonth>(`trip-months/${encodeURIComponent(month)}/milk`),
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
