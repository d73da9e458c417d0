// Where a lot came from and what became of it: lots, assets, trips and hand-overs, each with its page.

import { known } from "../messages";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { paperHref, tripHref } from "../route";
import { store } from "../store";
import { lotHref } from "./addresses";
import { goods } from "./door";
import { Folded } from "./folded";
import type { Lot } from "./shapes";
import { amount } from "./telling";
import { at, PlaceLink } from "./words";

const REFRESH_MS = 60_000;
/** What ended so lately is still going on: the answer ends with the moment of asking. */
const STILL_MS = 2 * REFRESH_MS;

export function LotTraces({ lot }: { lot: Lot }) {
  const { t, language } = usePrefs();
  const { value: trace, error } = usePolled(() => goods.trace(lot.id), REFRESH_MS, lot.id);
  if (trace === null) return error ? <p class="problem">{t("error.load", { detail: error })}</p> : null;
  const nowMs = store.nowMs();
  const of = (name: string) => (name === lot.id ? null : <a href={lotHref(name)}>{name}</a>);
  return (
    <section class="card lot-trace" aria-labelledby="lot-trace">
      <h2 id="lot-trace">{t("lot.trace")}</h2>
      {(lot.parents.length > 0 || lot.descendants.length > 0) && (
        <>
          <h3>{t("lot.family")}</h3>
          <ul class="consignees">
            {lot.parents.map((one) => (
              <li key={`${one.lot} ${one.lot_change}`}>
                ← <a href={lotHref(one.lot)}>{one.lot}</a> {known(t, "lotchange", one.kind)}
                <small class="muted">{at(one.at, language)}</small>
              </li>
            ))}
            {lot.descendants.map((name) => (
              <li key={name}>
                → <a href={lotHref(name)}>{name}</a>
              </li>
            ))}
          </ul>
        </>
      )}
      {lot.departures.length > 0 && (
        <>
          <h3>{t("lot.gone")}</h3>
          <Folded
            ordered
            items={lot.departures.map((one) => (
              <li key={`${one.at} ${one.place} ${one.how}`}>
                <time dateTime={one.at}>{at(one.at, language)}</time>
                <span>
                  {known(t, "lotgone", one.how)} <b>{amount(one.quantity, lot.unit, t)}</b> <PlaceLink place={one.place} site="" />
                </span>
              </li>
            ))}
          />
        </>
      )}
      <h3>{t("lot.trace.assets")}</h3>
      <Folded
        ordered
        items={trace.assets.map((one) => (
          <li key={`${one.lot} ${one.asset} ${one.from}`}>
            <time dateTime={one.from}>{at(one.from, language, one.site)}</time>
            <span>
              <PlaceLink place={`asset:${one.asset}`} site={one.site} /> {of(one.lot)}
              {one.presumed && <em class="presumed"> {t("lot.presumed")}</em>}
              {Date.parse(one.to) < nowMs - STILL_MS && <small class="muted">{t("lot.until", { time: at(one.to, language, one.site) })}</small>}
            </span>
          </li>
        ))}
      />
      {trace.trips.length > 0 && (
        <>
          <h3>{t("nav.trips")}</h3>
          <ol class="trace">
            {trace.trips.map((one) => (
              <li key={`${one.lot} ${one.trip}`}>
                <time dateTime={one.loaded}>{at(one.loaded, language)}</time>
                <span>
                  <a href={tripHref(one.trip)}>{one.trip}</a> {one.vehicles.map((vehicle) => store.registry?.sites.get(vehicle)?.name ?? vehicle).join(" → ")} {of(one.lot)}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
      {trace.hand_overs.length > 0 && (
        <>
          <h3>{t("lot.trace.handovers")}</h3>
          <Folded
            ordered
            items={trace.hand_overs.map((one) => (
              <li key={`${one.lot} ${one.at} ${one.to_site_name}`}>
                <time dateTime={one.at}>{at(one.at, language)}</time>
                <span>
                  <bdi>{one.from_site_name || "–"}</bdi> → <bdi>{one.to_site_name}</bdi> {amount(one.quantity, one.lot === lot.id ? lot.unit : "", t)} {of(one.lot)}
                  {one.paper && (
                    <small>
                      <a href={paperHref(one.paper)}>{t("lot.paper", { paper: one.paper })}</a>
                    </small>
                  )}
                </span>
              </li>
            ))}
          />
        </>
      )}
    </section>
  );
}
