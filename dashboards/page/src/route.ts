// Hash routes: #/ · #/alarms · #/alarm/{id} · #/confirm/{key of a drill} ·
// #/inbox · #/trips · #/trip/{id} · #/papers?trip={id} ·
// #/carriers?month={2026-11}&of=milk&carrier={id} · #/paper/{id} ·
// #/todo · #/correction/{alarm} · #/asset/{id}?range=6h&at={ms}

import { useEffect, useMemo, useState } from "preact/hooks";

// Goods: #/lots?site={id} · #/lot/{id}?place={place} · #/alarm-lots/{alarm} · #/recalls · #/recall/{id} ·
// #/stop-sale/{recall}/{site}
const LISTS = ["lots", "recalls"] as const;
const THINGS = ["lot", "alarm-lots", "recall", "stop-sale"] as const;
export type GoodsList = (typeof LISTS)[number];
export type GoodsThing = (typeof THINGS)[number];

export type Route =
  | { page: "overview"; query: URLSearchParams }
  | { page: "alarms"; query: URLSearchParams }
  | { page: "inbox"; query: URLSearchParams }
  | { page: "trips"; query: URLSearchParams }
  | { page: "carriers"; query: URLSearchParams }
  | { page: "trip"; id: string; query: URLSearchParams }
  | { page: "papers"; query: URLSearchParams }
  | { page: "paper"; id: string; query: URLSearchParams }
  | { page: GoodsList; query: URLSearchParams }
  | { page: GoodsThing; id: string; query: URLSearchParams }
  | { page: "todo"; query: URLSearchParams }
  | { page: "correction"; id: string; query: URLSearchParams }
  | { page: "alarm"; id: string; query: URLSearchParams }
  | { page: "confirm"; id: string; query: URLSearchParams }
  | { page: "asset"; id: string; query: URLSearchParams };

export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const query = new URLSearchParams(search);
  const [head, rest, more] = path.split("/", 3);
  if (head === "alarms") return { page: "alarms", query };
  if (head === "inbox") return { page: "inbox", query };
  if (head === "trips") return { page: "trips", query };
  if (head === "carriers") return { page: "carriers", query };
  if (head === "trip" && rest) return { page: "trip", id: decode(rest), query };
  if (head === "papers") return { page: "papers", query };
  if (head === "paper" && rest) return { page: "paper", id: decode(rest), query };
  if (head === "alarm" && rest) return { page: "alarm", id: decode(rest), query };
  if (head === "confirm" && rest) return { page: "confirm", id: decode(rest), query };
  if (head === "todo") return { page: "todo", query };
  if (head === "correction" && rest) return { page: "correction", id: decode(rest), query };
  const list = LISTS.find((name) => name === head);
  if (list) return { page: list, query };
  const thing = THINGS.find((name) => name === head);
  // An id has no slash: the second one names the site of a task.
  if (thing && rest) return { page: thing, id: more ? `${decode(rest)}/${decode(more)}` : decode(rest), query };
  if (head === "asset" && rest) return { page: "asset", id: decode(rest), query };
  return { page: "overview", query };
}

export type GoodsRoute = Extract<Route, { page: GoodsList | GoodsThing }>;

/** Say whether a route is one of goods. */
export function isGoods(route: Route): route is GoodsRoute {
  return [...LISTS, ...THINGS].some((name) => name === route.page);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function assetHref(id: string, query: Readonly<Record<string, string | number>> = {}): string {
  const search = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)])).toString();
  return `#/asset/${encodeURIComponent(id)}${search ? `?${search}` : ""}`;
}

export function tripHref(id: string): string {
  return `#/trip/${encodeURIComponent(id)}`;
}

export function paperHref(id: string): string {
  return `#/paper/${encodeURIComponent(id)}`;
}

/** A month of carriers, of one of them (empty: of trips for which nobody said one), or of raw milk. */
export function monthHref(month: string, of: "carriers" | "milk", carrier: string | null = null): string {
  const query = new URLSearchParams({ month, ...(of === "milk" ? { of } : {}), ...(carrier === null || of === "milk" ? {} : { carrier }) });
  return `#/carriers?${query}`;
}

export function overviewHref(state: string | null): string {
  return state ? `#/?state=${state}` : "#/";
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    follow(); // it may have changed since the first drawing
    return () => removeEventListener("hashchange", follow);
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
}
