// Hash routes: #/ · #/alarms · #/inbox · #/trips · #/trip/{id} · #/papers?trip={id} · #/paper/{id} ·
// #/asset/{id}?range=6h&at={ms}

import { useEffect, useMemo, useState } from "preact/hooks";

export type Route =
  | { page: "overview"; query: URLSearchParams }
  | { page: "alarms"; query: URLSearchParams }
  | { page: "inbox"; query: URLSearchParams }
  | { page: "trips"; query: URLSearchParams }
  | { page: "trip"; id: string; query: URLSearchParams }
  | { page: "papers"; query: URLSearchParams }
  | { page: "paper"; id: string; query: URLSearchParams }
  | { page: "asset"; id: string; query: URLSearchParams };

export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const query = new URLSearchParams(search);
  const [head, rest] = path.split("/", 2);
  if (head === "alarms") return { page: "alarms", query };
  if (head === "inbox") return { page: "inbox", query };
  if (head === "trips") return { page: "trips", query };
  if (head === "trip" && rest) return { page: "trip", id: decode(rest), query };
  if (head === "papers") return { page: "papers", query };
  if (head === "paper" && rest) return { page: "paper", id: decode(rest), query };
  if (head === "asset" && rest) return { page: "asset", id: decode(rest), query };
  return { page: "overview", query };
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
