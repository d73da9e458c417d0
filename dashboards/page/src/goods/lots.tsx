// Lots: of a site in the order in which they should leave (FEFO), of all sites by id; found by what is printed on them.

import { useEffect, useRef, useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { useStore } from "../store";
import { lotHref } from "./addresses";
import { goods } from "./door";
import type { LotDue, LotWithin } from "./shapes";
import { Line } from "./signed";
import { Tabs } from "./tabs";
import { amount, leftWords, untilWords } from "./telling";
import { at, printedOf, StateMarks, useProducts, whereNow } from "./words";
import "../style/papers.css";
import "../style/goods.css";

/** Whoever writes a search is not asked for after each letter. */
const PAUSE_MS = 300;
const SOON_H = 48;

type Row = LotDue | LotWithin;

export function LotsPage({ query }: { query: URLSearchParams }) {
  const { t } = usePrefs();
  const { registry } = useStore();
  const [text, setText] = useState(query.get("search") ?? "");
  const search = usePaused(text.trim());
  if (!registry) return <p class="quiet">{t("connecting")}</p>;
  const sites = [...registry.sites.values()];
  // A site that keeps goods for others is where the order in which they leave is decided.
  const site = query.get("site") ?? sites.find((one) => one.kind === "warehouse")?.id ?? "";
  return (
    <div class="goods">
      <div class="goods-head">
        <h1>{t("nav.lots")}</h1>
        <Tabs page="lots" />
      </div>
      <div class="goods-find">
        <label class="field">
          <span class="field-name">{t("lots.site")}</span>
          <select value={site} onChange={(event) => (location.hash = `#/lots?site=${encodeURIComponent(event.currentTarget.value)}`)}>
            <option value="">{t("lots.everywhere")}</option>
            {sites.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <Line type="search" label={t("lots.search")} value={text} onText={setText} />
      </div>
      <p class="quiet-line">{t(site ? "lots.fefo" : "lots.all")}</p>
      <Listed key={`${site} ${search}`} site={site} search={search} />
    </div>
  );
}

function Listed({ site, search }: { site: string; search: string }) {
  const { t } = usePrefs();
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const gone = useRef(false);
  const more = async (cursor: string | null) => {
    setBusy(true);
    try {
      const page = site ? await goods.due(site, search, cursor) : await goods.lots(search, cursor);
      if (gone.current) return;
      setRows((held) => [...((cursor && held) || []), ...page.items]);
      setNext(page.next);
      setProblem(null);
    } catch (fault) {
      setProblem(fault instanceof Error ? fault.message : String(fault));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    void more(null);
    return () => void (gone.current = true);
  }, []);
  return (
    <>
      {problem && <p class="problem">{t("error.load", { detail: problem })}</p>}
      {rows === null && busy && <p class="quiet">{t("loading")}</p>}
      {rows?.length === 0 && <p class="quiet">{t(search ? "lots.none.found" : "lots.none")}</p>}
      {rows !== null && rows.length > 0 && (
        <>
          <div class="lot-head" aria-hidden="true">
            <span>{t("lots.product")}</span>
            <span>{t("lots.expires")}</span>
            <span>{site ? t("lots.left.head") : t("lots.made")}</span>
            <span>{t("lots.quantity")}</span>
            <span>{t("lots.state")}</span>
            <span>{t("lots.where")}</span>
          </div>
          <ol class="lot-list">
            {rows.map((row) => (
              <Item key={row.id} row={row} />
            ))}
          </ol>
        </>
      )}
      <p class="unseen" role="status">
        {rows === null ? "" : t("lots.shown", { n: rows.length })}
      </p>
      {(next || problem) && (
        <button type="button" class="more" disabled={busy} onClick={() => void more(next)}>
          {busy ? t("loading") : t(problem ? "retry" : "lots.more")}
        </button>
      )}
    </>
  );
}

function Item({ row }: { row: Row }) {
  const { t, language } = usePrefs();
  const product = useProducts();
  const due = "left_h" in row ? row : null;
  const leftH = due?.left_h ?? null;
  // A hold of what lies here only is, here, a hold of all of it.
  const stands = due?.held ? { ...row, state: "held" as const } : row;
  const tone = leftH === null ? "" : leftH <= 0 ? "bad" : leftH < SOON_H ? "soon" : "";
  return (
    <li class={`lot-item${row.recalls.length ? " recalled" : stands.state === "held" ? " held" : ""}`}>
      <span class="lot-name">
        <a href={lotHref(row.id)}>
          <b>{product(row.product)}</b> <bdi>{printedOf(row)}</bdi>
        </a>
        <small class="muted">
          <bdi>{row.id}</bdi>
          {row.gtin && <> · GTIN {row.gtin}</>}
        </small>
      </span>
      <span>
        <small class="lot-label">{t("lots.expires")} </small>
        {row.expires || "–"}
      </span>
      {due ? (
        <span class={tone}>
          <b>{leftWords(leftH, t)}</b>
          <small class="muted">{untilWords(row.expires, leftH, due.estimated_until, t, (text) => at(text, language))}</small>
          {due.unknown_h >= 1 && <small class="muted">{t("lots.unknown", { hours: Math.round(due.unknown_h) })}</small>}
        </span>
      ) : (
        <span>
          <small class="lot-label">{t("lots.made")} </small>
          {amount(row.quantity, row.unit, t)}
        </span>
      )}
      <span>
        <small class="lot-label">{t("lots.quantity")} </small>
        {amount(row.lying, row.unit, t)}
      </span>
      <StateMarks lot={stands} />
      <span class="lot-where">{whereNow(row.lying_at, row.unit, t)}</span>
    </li>
  );
}

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
