// The one place that holds what the page knows; components read it and are called when it changed.

import { useEffect, useReducer } from "preact/hooks";
import { api, liveUrl } from "./api";
import type { Alarm, Asset, Frame, Health, Point, Site } from "./contract";
import { type Zone, zoneOf } from "./format";
import { Live } from "./live";
import { EMPTY, merge, type Picture } from "./merge";
import { ServerTime } from "./servertime";
import { type AssetState, compareAlarms, isOpen, judgeAsset, openByPoint } from "./state";

export interface Registry {
  sites: ReadonlyMap<string, Site>;
  assets: ReadonlyMap<string, Asset>;
  points: ReadonlyMap<string, Point>;
}

const REGISTRY_RETRY_MS = 3000;
const HEALTH_EVERY_MS = 60_000;
const QUIET_MS = 11_000;

class Store {
  picture: Picture = EMPTY;
  registry: Registry | null = null;
  health: Health | null = null;
  connected = false;
  lastFrameAt: number | null = null;
  readonly time = new ServerTime();

  #listeners = new Set<() => void>();
  #frameListeners = new Set<(frame: Frame) => void>();
  #registryVersion: number | null = null;
  #fetchingRegistry = false;
  #judged: { key: string; states: AssetState[] } | null = null;
  #openAlarms: { of: unknown; byPoint: Map<string, Alarm>; list: Alarm[] } | null = null;
  #revision = 0;

  readonly #live = new Live({
    url: liveUrl,
    onFrame: (frame) => this.#hear(frame),
    onState: (connected) => {
      if (this.connected === connected) return;
      this.connected = connected;
      this.#changed();
    },
  });

  start(): void {
    void this.#fetchRegistry(null);
    void this.#fetchHealth();
    this.#live.connect();
    addEventListener("online", () => this.#live.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#live.hurry());
    // States depend on age as well: once a second they are judged again even when nothing came.
    setInterval(() => this.#changed(), 1000);
    setInterval(() => void this.#fetchHealth(), HEALTH_EVERY_MS);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onFrame(listener: (frame: Frame) => void): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  /** How old is what the page shows, in ms; null before the first frame. */
  silentMs(): number | null {
    return this.lastFrameAt === null ? null : performance.now() - this.lastFrameAt;
  }

  /** The line is down, or says nothing although two heartbeats are due. */
  get down(): boolean {
    const silent = this.silentMs();
    return silent !== null && (!this.connected || silent > QUIET_MS);
  }

  nowMs(): number {
    return this.time.nowMs();
  }

  /** The zone in which times of a site are told; that of all sites when no site is named and all share one. */
  zone(site?: string | null): Zone {
    return this.registry === null ? undefined : zoneOf(this.registry.sites, site ?? null);
  }

  openAlarms(): Alarm[] {
    return this.#alarms().list;
  }

  states(): AssetState[] {
    const key = `${this.#revision}`;
    if (this.#judged?.key === key) return this.#judged.states;
    const { registry } = this;
    const states: AssetState[] = [];
    if (registry) {
      // With the line down the page knows nothing new: states stay as of the last frame, and the header says
      // how long ago that was. Otherwise every probe would seem silent when only this page is.
      const now = this.nowMs() - (this.down ? (this.silentMs() ?? 0) : 0);
      const open = this.#alarms().byPoint;
      for (const asset of registry.assets.values())
        states.push(judgeAsset(asset, registry.points, this.picture, open, now));
    }
    this.#judged = { key, states };
    return states;
  }

  #alarms() {
    const of = this.picture.alarms;
    if (this.#openAlarms?.of !== of) {
      const list = [...of.values()].filter(isOpen).sort(compareAlarms);
      this.#openAlarms = { of, byPoint: openByPoint(list), list };
    }
    return this.#openAlarms;
  }

  #hear(frame: Frame): void {
    this.time.hear(frame.server_time);
    this.lastFrameAt = performance.now();
    this.picture = merge(this.picture, frame);
    if (this.picture.registry !== this.#registryVersion) void this.#fetchRegistry(this.picture.registry);
    for (const listener of this.#frameListeners) listener(frame);
    this.#changed();
  }

  async #fetchRegistry(version: number | null): Promise<void> {
    if (this.#fetchingRegistry) return;
    this.#fetchingRegistry = true;
    try {
      const [sites, assets, points] = await Promise.all([api.sites(), api.assets(), api.points()]);
      this.registry = { sites: byId(sites), assets: byId(assets), points: byId(points) };
      this.#registryVersion = version ?? this.picture.registry;
      this.#fetchingRegistry = false;
      this.#changed();
    } catch {
      setTimeout(() => {
        this.#fetchingRegistry = false;
        void this.#fetchRegistry(this.picture.registry);
      }, REGISTRY_RETRY_MS);
    }
  }

  async #fetchHealth(): Promise<void> {
    try {
      this.health = await api.health();
      if (!this.time.heard) this.time.hear(this.health.server_time);
      this.#changed();
    } catch {
      if (!this.health) setTimeout(() => void this.#fetchHealth(), REGISTRY_RETRY_MS);
    }
  }

  #changed(): void {
    this.#revision++;
    for (const listener of this.#listeners) listener();
  }
}

function byId<T extends { id: string }>(items: T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

export const store = new Store();

/** Draw the component again whenever the store changed: at most on frames and once a second. */
export function useStore(): Store {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => store.subscribe(() => redraw(undefined as never)), []);
  return store;
}
