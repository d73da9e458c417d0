// From an alarm to the goods: which lots lay there, how much, where they are now, who received them; hold them, recall them.

import { useState } from "preact/hooks";
import { duration } from "../format";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { assetHref } from "../route";
import { store, useStore } from "../store";
import { lotHref } from "./addresses";
import { goods } from "./door";
import { Folded } from "./folded";
import { HoldForm, ReleaseForm } from "./holding";
import { RecallForm } from "./starting";
import type { AlarmLot, AlarmLots, GoodsEntry, SiteReceived } from "./shapes";
import { amount } from "./telling";
import { at, placeName, printedOf, StateMarks, useProducts, whereNow } from "./words";
import "../style/papers.css";
import "../style/goods.css";

const REFRESH_MS = 30_000;

type Doing = "hold" | "recall" | "undo" | null;

export function AlarmLotsPage({ id }: { id: string }) {
  const { t, language } = usePrefs();
  useStore();
  const { value: found, error, again } = usePolled(() => goods.ofAlarm(id), REFRESH_MS, id);
  const { value: received } = usePolled(() => goods.receivedOf(id), REFRESH_MS, id);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing>(null);
  const [held, setHeld] = useState<{ who: string; entries: GoodsEntry[] } | null>(null);
  const [undone, setUndone] = useState(false);
  if (found === null) return <p class="quiet">{error ? t("error.load", { detail: error }) : t("loading")}</p>;
  const lots = found.items.filter((lot) => chosen.has(lot.id));
  const site = store.registry?.assets.get(found.asset)?.site ?? "";
  const choose = (names: readonly string[]) => setChosen(new Set(names));
  const done = () => (setDoing(null), again());
  return (
    <div class="goods">
      <Head found={found} />
      <div class="blanks">
        <a class="plain-link" href={goods.tableOf(id, language)}>
          CSV · {t("alarmlots.table")}
        </a>
        <button type="button" class="plain" onClick={() => choose(found.items.map((lot) => lot.id))}>
          {t("alarmlots.choose.all", { n: found.items.length })}
        </button>
        {found.presumed_total > 0 && (
          <button type="button" class="plain" onClick={() => choose(found.items.filter((lot) => !lot.presumed).map((lot) => lot.id))}>
            {t("alarmlots.choose.certain")}
          </button>
        )}
        <button type="button" class="strong" disabled={!lots.length} onClick={() => setDoing("hold")}>
          {t("hold.do", { n: lots.length })}
        </button>
        <button type="button" class="plain danger" disabled={!lots.length} onClick={() => setDoing("recall")}>
          {t("recall.start")}
        </button>
      </div>
      {doing === "hold" && (
        <HoldForm lots={lots} site={site} alarm={id} onCancel={() => setDoing(null)} onHeld={(who, entries) => (setHeld({ who, entries }), setUndone(false), done())} />
      )}
      {doing === "recall" && <RecallForm lots={lots} received={received ?? []} onCancel={() => setDoing(null)} />}
      {held && doing !== "undo" && (
        <p class="done" role="status">
          {t(undone ? "hold.undone" : "hold.done", { n: held.entries.length })}{" "}
          {!undone && (
            <button type="button" class="plain" onClick={() => setDoing("undo")}>
              {t("hold.undo")}
            </button>
          )}
        </p>
      )}
      {held && doing === "undo" && <ReleaseForm undo held={held.entries} by={held.who} onCancel={() => setDoing(null)} onDone={() => (setUndone(true), done())} />}
      <ul class="lot-list">
        {found.items.map((lot) => (
          <Item key={lot.id} lot={lot} chosen={chosen.has(lot.id)} onChosen={(yes) => choose(yes ? [...chosen, lot.id] : [...chosen].filter((one) => one !== lot.id))} />
        ))}
      </ul>
      {found.items.length === 0 && <p class="quiet">{t("alarmlots.none")}</p>}
      {found.next && <p class="problem">{t("alarmlots.more", { shown: found.items.length, n: found.total })}</p>}
      <Consignees received={received} from={found.from} />
    </div>
  );
}

function Head({ found }: { found: AlarmLots }) {
  const { t, language } = usePrefs();
  const asset = store.registry?.assets.get(found.asset);
  const site = asset?.site ?? "";
  const lasted = duration((Date.parse(found.to ?? new Date(store.nowMs()).toISOString()) - Date.parse(found.from)) / 1000, t);
  return (
    <div class="goods-title">
      <p class="crumb">
        <a href="#/alarms">{t("nav.alarms")}</a> / <a href={assetHref(found.asset, { at: Date.parse(found.from), alarm: found.alarm })}>{placeName(`asset:${found.asset}`, site)}</a>
      </p>
      <h1>{t("alarmlots.title", { n: found.total })}</h1>
      <p class="quiet-line">
        {at(found.from, language, site)} – {found.to ? at(found.to, language, site) : t("alarmlots.open")} ({lasted})
        {found.became.length > 0 && ` · ${t("alarmlots.became", { n: found.became.length })}`}
      </p>
      {found.presumed_total > 0 && <p class="presumed-why">{t("alarmlots.presumed.why", { n: found.presumed_total })}</p>}
    </div>
  );
}

function Item({ lot, chosen, onChosen }: { lot: AlarmLot; chosen: boolean; onChosen: (yes: boolean) => void }) {
  const { t } = usePrefs();
  const product = useProducts();
  const name = `${product(lot.product)} ${printedOf(lot)}`;
  return (
    <li class={`lot-item choosable${lot.state.endsWith("held") ? " held" : ""}`}>
      <span class="lot-name">
        <label class="tick">
          <input type="checkbox" checked={chosen} onChange={(event) => onChosen(event.currentTarget.checked)} aria-label={t("alarmlots.choose", { lot: name })} />
        </label>
        <span>
          <a href={lotHref(lot.id, lot.place)}>
            <b>{product(lot.product)}</b> <bdi>{printedOf(lot)}</bdi>
          </a>
          <small class="muted">
            <bdi>{lot.id}</bdi>
          </small>
        </span>
      </span>
      <span>
        <small class="lot-label">{t("lots.expires")} </small>
        {lot.expires || "–"}
      </span>
      <span>
        {amount(lot.there, lot.unit, t)}
        <small class={lot.presumed ? "presumed" : "certain"}>{t(lot.presumed ? "alarmlots.presumed" : "alarmlots.certain")}</small>
      </span>
      <StateMarks lot={lot} />
      <span class="lot-where">
        <small class="lot-label">{t("lots.where")} </small>
        {whereNow(lot.lying_at, lot.unit, t, 3)}
      </span>
    </li>
  );
}

function Consignees({ received, from }: { received: readonly SiteReceived[] | null; from: string }) {
  const { t, language } = usePrefs();
  if (!received?.length) return null;
  return (
    <section class="card" aria-labelledby="consignees">
      <h2 id="consignees">{t("lots.consignees", { n: received.length })}</h2>
      <Folded items={received.map((site) => (
          <li key={site.site}>
            <b dir="auto">{site.site_name}</b> <span class="muted">{site.operator_name}</span> {site.phone && <a href={`tel:${site.phone}`}>{site.phone}</a>}
            <small class="muted">
              {site.lots.map((one) => `${one.lot}: ${amount(one.quantity, "", t)}${one.lying === null ? "" : ` (${t("lots.there", { n: one.lying })})`}`).join(" · ")} ·{" "}
              {at(site.last_at, language, site.site)}
              {Date.parse(site.last_at) < Date.parse(from) && ` · ${t("alarmlots.before")}`}
            </small>
          </li>
        ))}
      />
    </section>
  );
}
