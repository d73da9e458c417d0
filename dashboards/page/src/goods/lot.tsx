// One lot: its temperature from the tanker to the cooler, what is left of it, where it is, who received it, where it came from.

import { useEffect, useMemo, useState } from "preact/hooks";
import { AlarmList } from "../alarms";
import { api } from "../api";
import type { Hover } from "../chart";
import type { Alarm } from "../contract";
import { celsius, duration, exact } from "../format";
import { known } from "../messages";
import { Canvas } from "../plot";
import { type Polled, usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { assetHref } from "../route";
import { store, useStore } from "../store";
import { lotHref } from "./addresses";
import { goods } from "./door";
import { Folded } from "./folded";
import { HoldForm, ReleaseForm } from "./holding";
import { LotTraces } from "./lottrace";
import type { Hold, Lot, LotHistory, LotLeg } from "./shapes";
import { RecallForm } from "./starting";
import { alarmsOnWay, drawingOf } from "./way";
import { amount, leftWords, untilWords } from "./telling";
import { at, PlaceLink, placeName, printedOf, StateMarks, useProducts } from "./words";
import "../style/asset.css";
import "../style/papers.css";
import "../style/goods.css";

const REFRESH_MS = 60_000;
const CHART_PX = 340;
/** The chart's right edge moves in such steps, so that it is not drawn anew each second. */
const STEP_MS = 60_000;

export function LotPage({ id, query }: { id: string; query: URLSearchParams }) {
  const { t } = usePrefs();
  const { registry } = useStore();
  const asked = usePolled(() => goods.lot(id), REFRESH_MS, id);
  const lot = asked.value;
  if (lot === null || !registry) return <p class="quiet">{asked.error ? t("error.load", { detail: asked.error }) : t("loading")}</p>;
  return (
    <div class="asset-page lot-page">
      <Title lot={lot} />
      <div class="asset-main">
        <Way key={query.get("place")} lot={lot} asked={query.get("place")} />
      </div>
      <div class="asset-side">
        <Selling lot={lot} asked={asked} />
        <Where lot={lot} />
        <Facts lot={lot} />
        <Doubts lot={lot} />
      </div>
      <LotTraces lot={lot} />
    </div>
  );
}

function Title({ lot }: { lot: Lot }) {
  const { t } = usePrefs();
  const product = useProducts();
  return (
    <div class="asset-title">
      <div>
        <p class="crumb">
          <a href="#/lots">{t("nav.lots")}</a> / <bdi>{lot.id}</bdi>
        </p>
        <h1>
          {product(lot.product)} <bdi>{printedOf(lot)}</bdi>
        </h1>
        <p class="asset-kind">
          {t("lots.expires")} {lot.expires || "–"}
          {lot.gtin && ` · GTIN ${lot.gtin}`}
        </p>
      </div>
      <StateMarks lot={lot} />
    </div>
  );
}

// -- the way ----------------------------------------------------------------------------------------------------

function Way({ lot, asked }: { lot: Lot; asked: string | null }) {
  const { t } = usePrefs();
  const [place, setPlace] = useState(asked); // null: where most of it lies
  const { value: history, error } = usePolled(() => goods.history(lot.id, place), REFRESH_MS, `${lot.id} ${place}`);
  const alarms = useAlarms(history);
  if (history === null) return <p class="quiet">{error ? t("lot.history.none", { detail: error }) : t("loading")}</p>;
  const siteAt = new Map(lot.stays.map((stay) => [stay.place, stay.site]));
  return (
    <>
      {history.places.length > 1 && (
        <label class="field lot-place">
          <span class="field-name">{t("lot.to")}</span>
          <select value={history.place} onChange={(event) => setPlace(event.currentTarget.value)}>
            {history.places.map((one) => (
              <option key={one} value={one}>
                {placeName(one, siteAt.get(one) ?? "")}
              </option>
            ))}
          </select>
        </label>
      )}
      <History history={history} alarms={alarms} />
      <Left history={history} expires={lot.expires} />
      <Legs history={history} />
      {alarms.length > 0 && (
        <section class="card" aria-labelledby="lot-alarms">
          <h2 id="lot-alarms">{t("lot.alarms", { n: alarms.length })}</h2>
          <AlarmList alarms={alarms} />
        </section>
      )}
    </>
  );
}

function History({ history, alarms }: { history: LotHistory; alarms: Alarm[] }) {
  const { t, language } = usePrefs();
  const [hover, setHover] = useState<Hover | null>(null);
  const step = Math.floor(store.nowMs() / STEP_MS) * STEP_MS;
  const zone = store.zone();
  const drawing = useMemo(() => drawingOf(history, alarms, step, legName), [history, alarms, step]);
  return (
    <figure class="plot" aria-labelledby="lot-plot">
      <figcaption id="lot-plot">
        <span class="plot-name">{t("lot.history")}</span>
        <span class="plot-read">
          {hover && hover.mean !== null && (
            <>
              {exact(hover.atMs, language, zone)} · <b>{celsius(hover.mean)} {t("celsius")}</b>
            </>
          )}
        </span>
      </figcaption>
      {drawing.columns.x.length === 0 && <p class="quiet plot-empty">{t("lot.unmeasured")}</p>}
      <Canvas drawing={drawing} height={CHART_PX} zone={zone} onHover={setHover} label={t("lot.history.label", { places: history.legs.map(legName).join(" → ") })} />
      <ul class="legend">
        <li class="l-mean">{t("chart.legend.mean")}</li>
        <li class="l-limit">{t("lot.condition")}</li>
        {drawing.holes.length > 0 && <li class="l-hole">{t("chart.hole")}</li>}
        {drawing.alarms.length > 0 && <li class="l-alarm">{t("chart.legend.alarm")}</li>}
        {history.ways > 1 && <li class="legend-step">{t("lot.ways", { n: history.ways })}</li>}
      </ul>
    </figure>
  );
}

function legName(leg: LotLeg): string {
  return placeName(leg.asset ? `asset:${leg.asset}` : leg.place, leg.site);
}

function Left({ history, expires }: { history: LotHistory; expires: string }) {
  const { t, language } = usePrefs();
  const left = history.remaining;
  return (
    <section class="card" aria-labelledby="lot-left">
      <h2 id="lot-left">{t("lots.left.head")}</h2>
      <p class="lot-left">
        <b>{leftWords(left?.left_h ?? null, t)}</b> {left && untilWords(expires, left.left_h, left.estimated_until, t, (text) => at(text, language))}
      </p>
      <p class="quiet-line">{t("lot.left.words")}</p>
      <dl class="pairs">
        {left && (
          <>
            <dt>{t("lot.life")}</dt>
            <dd>{duration(left.label_life_h * 3600, t)}</dd>
          </>
        )}
        {history.dose_h !== null && (
          <>
            <dt>{t("lot.dose")}</dt>
            <dd>
              {duration(history.dose_h * 3600, t)} <code>{history.dose_model}</code>
            </dd>
          </>
        )}
        <dt>{t("lot.above")}</dt>
        <dd class={history.above_min >= 1 ? "bad" : ""}>{duration(history.above_min * 60, t)}</dd>
        <dt>{t("lot.below")}</dt>
        <dd class={history.below_min >= 1 ? "bad" : ""}>{duration(history.below_min * 60, t)}</dd>
        <dt>{t("lot.unknown")}</dt>
        <dd>{duration(history.unknown_h * 3600, t)}</dd>
      </dl>
    </section>
  );
}

function Legs({ history }: { history: LotHistory }) {
  const { t, language } = usePrefs();
  return (
    <section class="card" aria-labelledby="lot-legs">
      <h2 id="lot-legs">{t("lot.legs")}</h2>
      <ol class="legs">
        {history.legs.map((leg, number) => (
          <li key={`${leg.place} ${leg.from}`} class={leg.same_goods ? "" : "before"}>
            <span>
              <b>{number + 1}</b>{" "}
              {leg.asset ? <PlaceLink place={`asset:${leg.asset}`} site={leg.site} /> : <PlaceLink place={leg.place} site={leg.site} />}
              {leg.presumed && <em class="presumed"> {t("lot.presumed")}</em>}
              <small class="muted">
                {at(leg.from, language, leg.site)} – {leg.to === null ? t("lot.still") : at(leg.to, language, leg.site)}
                {!leg.same_goods && (
                  <>
                    {" · "}
                    <a href={lotHref(leg.lot)}>{leg.lot}</a> {t("lot.before")}
                  </>
                )}
              </small>
            </span>
            <span>
              {leg.lowest !== null && leg.peak !== null ? `${celsius(leg.lowest)} … ${celsius(leg.peak)} ${t("celsius")}` : t("lot.unmeasured")}
              <small class="muted">
                {known(t, "legwhy", leg.why)}
                {leg.estimated && ` · ${t("lot.estimated")}`}
              </small>
            </span>
            <span>
              {leg.above_min >= 1 && <span class="bad">{t("lot.leg.above", { duration: duration(leg.above_min * 60, t) })} </span>}
              {leg.below_min >= 1 && <span class="bad">{t("lot.leg.below", { duration: duration(leg.below_min * 60, t) })} </span>}
              {leg.holes.map((hole) => (
                <small key={hole.from} class="muted">
                  {known(t, "lothole", hole.why)} {at(hole.from, language, leg.site)} – {at(hole.to, language, leg.site)}
                </small>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The alarms of every asset on the way, while the lot was there. */
function useAlarms(history: LotHistory | null): Alarm[] {
  const [alarms, setAlarms] = useState<readonly Alarm[]>([]);
  const assets = [...new Set((history?.legs ?? []).map((leg) => leg.asset).filter(Boolean))];
  useEffect(() => {
    let gone = false;
    void Promise.all(assets.map((asset) => api.alarms("all", null, 200, asset).then((page) => page.items))).then(
      (found) => gone || setAlarms(found.flat()),
      () => undefined, // the history stands without the marks; the alarms page says what went wrong
    );
    return () => void (gone = true);
  }, [assets.join(" ")]);
  return useMemo(() => (history ? alarmsOnWay(history, alarms, store.nowMs()) : []), [history, alarms]);
}

// -- may it be sold ---------------------------------------------------------------------------------------------

function Selling({ lot, asked }: { lot: Lot; asked: Polled<Lot> }) {
  const { t, language } = usePrefs();
  const [doing, setDoing] = useState<"hold" | "recall" | Hold | null>(null);
  const done = () => (setDoing(null), asked.again());
  return (
    <section class="card" aria-labelledby="lot-selling">
      <h2 id="lot-selling">{t("lot.selling")}</h2>
      <ul class="holds">
        {lot.holds.map((hold) => (
          <li key={hold.hold}>
            <b>{t("lotstate.held")}</b> {hold.place && <PlaceLink place={hold.place} site="" />}
            <small class="muted">
              {at(hold.at, language)} · {hold.who} · {hold.why}
            </small>
            {hold.decision ? (
              <small>
                → <b>{t(`lotstate.${hold.decision}`)}</b> {hold.decided_at && at(hold.decided_at, language)} · {hold.decided_by} · {hold.decided_why}
              </small>
            ) : (
              <button type="button" class="plain" onClick={() => setDoing(hold)}>
                {t("hold.decide")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {doing === null && (
        <p class="blanks">
          <button type="button" class="strong" onClick={() => setDoing("hold")}>
            {t("hold.this")}
          </button>
          <button type="button" class="plain danger" onClick={() => setDoing("recall")}>
            {t("recall.start")}
          </button>
        </p>
      )}
      {doing === "recall" && <RecallForm lots={[lot]} received={lot.consignees} onCancel={() => setDoing(null)} />}
      {doing === "hold" && <HoldForm lots={[lot]} onCancel={() => setDoing(null)} onHeld={done} />}
      {doing !== null && typeof doing === "object" && (
        <ReleaseForm
          held={[{ put: "lot-hold", id: doing.hold, lot: lot.id, at_ms: 0, place: doing.place, alarm: doing.alarm }]}
          by={doing.who}
          onCancel={() => setDoing(null)}
          onDone={done}
        />
      )}
    </section>
  );
}

// -- where, printed, doubts ---------------------------------------------------------------------------------------

function Where({ lot }: { lot: Lot }) {
  const { t, language } = usePrefs();
  const nowMs = store.nowMs();
  const here = lot.stays.filter((stay) => Date.parse(stay.from) <= nowMs && (stay.to === null || Date.parse(stay.to) > nowMs));
  return (
    <section class="card" aria-labelledby="lot-where">
      <h2 id="lot-where">{t("lots.where")}</h2>
      {here.length === 0 && <p class="quiet-line">{t("lots.nowhere")}</p>}
      <Folded items={here.map((stay) => (
          <li key={`${stay.place} ${stay.from}`}>
            <PlaceLink place={stay.place} site={stay.site} /> <b>{amount(stay.quantity, lot.unit, t)}</b>
            <small class="muted">{t("lot.since", { time: at(stay.arrived, language, stay.site) })}</small>
            {stay.presumed_in.length > 0 && (
              <small class="presumed">
                {t("lot.presumed.in")}{" "}
                {stay.presumed_in.map((asset) => (
                  <a key={asset} href={assetHref(asset)}>
                    {store.registry?.assets.get(asset)?.name ?? asset}{" "}
                  </a>
                ))}
              </small>
            )}
          </li>
        ))} />
      {lot.consignees.length > 0 && (
        <details>
          <summary>{t("lots.consignees", { n: lot.consignees.length })}</summary>
          <ul class="consignees">
            {lot.consignees.map((one) => (
              <li key={`${one.lot} ${one.site}`}>
                <b dir="auto">{one.site_name}</b> {amount(one.quantity, lot.unit, t)} {one.phone && <a href={`tel:${one.phone}`}>{one.phone}</a>}
                <small class="muted">
                  {at(one.first_at, language, one.site)} {one.lot !== lot.id && one.lot} {one.papers.join(" ")}
                </small>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Facts({ lot }: { lot: Lot }) {
  const { t } = usePrefs();
  const facts: [string, string][] = [
    [t("lot.id"), lot.id],
    [t("lot.number"), lot.number],
    ["GTIN", lot.gtin],
    [t("lot.produced"), lot.produced],
    [t("lots.expires"), lot.expires],
    [t("lot.label"), lot.label],
    [t("lots.made"), amount(lot.quantity, lot.unit, t)],
  ];
  return (
    <section class="card facts" aria-labelledby="lot-facts">
      <h2 id="lot-facts">{t("lot.facts")}</h2>
      <dl>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
      </dl>
    </section>
  );
}

function Doubts({ lot }: { lot: Lot }) {
  const { t, language } = usePrefs();
  if (!lot.doubts.length) return null;
  return (
    <section class="card" aria-labelledby="lot-doubts">
      <h2 id="lot-doubts">{t("lot.doubts")}</h2>
      <ul class="consignees">
        {lot.doubts.map((one) => (
          <li key={`${one.at} ${one.doubt} ${one.place}`}>
            {known(t, "lotdoubt", one.doubt)} {one.quantity !== null && amount(one.quantity, lot.unit, t)}
            <small class="muted">
              {at(one.at, language)} {one.place}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
