// Which trip a paper is of: those at this site now and today are offered, any other can be typed.

import { useState } from "preact/hooks";
import { api } from "../api";
import type { TripShort } from "../contract";
import { moment } from "../format";
import { usePolled } from "../polled";
import { read, usePrefs, write } from "../prefs";
import { store, useStore } from "../store";
import { dayOf, nearness, offered } from "./choosing";

/** More than these are found faster by their number. */
const MOST = 12;
const KEPT = "papers.site";
/** A truck that comes while somebody waits for it is there without a reload. */
const REFRESH_MS = 15_000;

/** Trips at a site that are on the way, whenever they were planned, and those of today. */
async function near(site: string): Promise<TripShort[]> {
  const now = new Date(store.nowMs());
  const [from, to] = dayOf(now.getTime(), -now.getTimezoneOffset() * 60_000);
  const [on, today] = await Promise.all([api.tripsAt(site, { state: "on" }), api.tripsAt(site, { from, to })]);
  return offered([...on, ...today], site);
}

export function TripChoice({ asked, onTrip }: { asked: string; onTrip: (trip: string) => void }) {
  const { t } = usePrefs();
  const { registry } = useStore();
  const [site, setSite] = useState(read(KEPT) ?? "");
  const [trip, setTrip] = useState(asked);
  const { value: trips, error } = usePolled(() => near(site), REFRESH_MS, site);
  const choose = (id: string) => (setTrip(id), onTrip(id));
  const sites = [...(registry?.sites.values() ?? [])].filter((one) => one.kind !== "vehicle");
  return (
    <>
      <label class="field">
        <span class="field-name">{t("papers.my-site")}</span>
        <select value={site} onChange={(event) => (write(KEPT, event.currentTarget.value), setSite(event.currentTarget.value))}>
          <option value="">{t("papers.all-sites")}</option>
          {sites.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      {error !== null && <p class="quiet-line">{t("papers.trips-away")}</p>}
      {trips?.length === 0 && <p class="quiet-line">{t("papers.trips-none")}</p>}
      {trips !== null && trips.length > 0 && (
        <ul class="trip-choice" aria-label={t("papers.trips-here")}>
          {trips.slice(0, MOST).map((one) => (
            <li key={one.id}>
              <button type="button" class="plain" aria-pressed={one.id === trip} onClick={() => choose(one.id)}>
                <Offer trip={one} site={site} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {trips !== null && trips.length > MOST && <p class="quiet-line">{t("papers.trips-more", { n: trips.length - MOST })}</p>}
      <form onSubmit={(event) => (event.preventDefault(), onTrip(trip.trim()))}>
        <label class="field">
          <span class="field-name">{t("papers.trip")}</span>
          <span class="with-button">
            <input type="text" value={trip} onInput={(event) => setTrip(event.currentTarget.value)} />
            <button type="submit" class="plain" disabled={!trip.trim()}>
              {t("papers.draw-up")}
            </button>
          </span>
        </label>
      </form>
    </>
  );
}

function Offer({ trip, site }: { trip: TripShort; site: string }) {
  const { t, language } = usePrefs();
  const time = (text: string) => moment(Date.parse(text), store.nowMs(), language, store.zone(site || null));
  const near = nearness(trip, site);
  const elsewhere = store.registry?.sites.get(trip.at_site)?.name ?? trip.at_site;
  const far = [elsewhere ? t("papers.trip-at", { site: elsewhere }) : t(`tripstate.${trip.state}`), trip.begins === null ? "" : time(trip.begins)];
  return (
    <>
      <b dir="auto">{trip.vehicle_name}</b>
      <span class="muted">{[trip.driver, trip.id].filter(Boolean).join(" · ")}</span>
      <span>
        {near === 0 && <b>{t("papers.trip-there")}</b>}
        {near === 1 && (trip.expected === null ? t("papers.trip-next") : t("trip.expected", { time: time(trip.expected) }))}
        {near === 2 && far.filter(Boolean).join(" · ")}
      </span>
    </>
  );
}
