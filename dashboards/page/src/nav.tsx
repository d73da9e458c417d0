// The pages that one goes to: a row of words on a desk, a bar of tabs under the thumb on a phone.

import { useEffect, useRef, useState } from "preact/hooks";
import { MoreIcon, PageIcon } from "./icons";
import { usePrefs } from "./prefs";
import type { Route } from "./route";

export interface Entry {
  /** Its word is `nav.{page}`. */
  page: Route["page"];
  href: string;
  /** Further pages at which one is here. */
  holds: readonly Route["page"][];
  /** It has a tab of its own on a phone; the others are behind "more". */
  tab: boolean;
  /** Its sign, drawn in a square of 16. */
  sign: string;
}

/** Tabs on a phone, "more" not counted: a fifth of 320 px is the least that a thumb meets. */
export const MOST_TABS = 4;

export const ENTRIES = [
  { page: "overview", href: "#/", holds: [], tab: true, sign: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z" },
  { page: "alarms", href: "#/alarms", holds: ["alarm"], tab: true, sign: "M3 12c1.4-1 1.4-2.6 1.4-4.6a3.6 3.6 0 0 1 7.2 0c0 2 0 3.6 1.4 4.6zM6.8 14.2h2.4" },
  { page: "todo", href: "#/todo", holds: ["correction"], tab: false, sign: "M2 3.5l1.5 1.5L6 2.5M8 4h6M2 8l1.5 1.5L6 7M8 8.5h6M2 12.5 3.5 14 6 11.5M8 13h6" },
  { page: "trips", href: "#/trips", holds: ["trip", "carriers"], tab: true, sign: "M1 3.5h8.5v8H1zM9.5 6.5h3L15 9v2.5H9.5M4 13.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM12 13.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2z" },
  { page: "lots", href: "#/lots", holds: ["lot", "alarm-lots", "recalls", "recall", "stop-sale"], tab: false, sign: "M8 1.5 14 4.5v7L8 14.5 2 11.5v-7zM2 4.5l6 3 6-3M8 7.5v7" },
  { page: "inbox", href: "#/inbox", holds: [], tab: false, sign: "M2 9 4 2.5h8L14 9v4.5H2zM2 9h3.6l1 2h2.8l1-2H14" },
  { page: "papers", href: "#/papers", holds: ["paper"], tab: true, sign: "M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3M6 8h4M6 11h4" },
] as const satisfies readonly Entry[];

export function here(entry: Entry, route: Route): boolean {
  return route.page === entry.page || entry.holds.includes(route.page);
}

export function Nav({ route, openAlarms }: { route: Route; openAlarms: number }) {
  const { t } = usePrefs();
  const [more, setMore] = useState(false);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => setMore(false), [route]);
  useEffect(() => {
    if (!more) return;
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !nav.current?.contains(event.target as Node)) setMore(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, [more]);
  const hidden = ENTRIES.some((entry) => !entry.tab && here(entry, route));
  return (
    <nav ref={nav} class={`nav${more ? " open" : ""}`} aria-label={t("nav.label")}>
      {ENTRIES.map((entry) => (
        <a key={entry.page} class={entry.tab ? "tab" : ""} href={entry.href} aria-current={here(entry, route) ? "page" : undefined}>
          <PageIcon sign={entry.sign} />
          {t(`nav.${entry.page}`)}
          {entry.page === "alarms" && openAlarms > 0 && <b class="badge">{openAlarms}</b>}
        </a>
      ))}
      <button type="button" class={`rest${hidden ? " here" : ""}`} aria-expanded={more} onClick={() => setMore(!more)}>
        <MoreIcon />
        {t("nav.more")}
      </button>
    </nav>
  );
}
