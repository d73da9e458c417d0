// Trips that are not over, those that need a human first.

import { useState } from "preact/hooks";
import { api } from "./api";
import type { TripShort } from "./contract";
import { moment } from "./format";
import { StateIcon } from "./icons";
import { known } from "./messages";
import { usePolled } from "./polled";
import { usePrefs } from "./prefs";
import { tripHref } from "./route";
import { store, useStore } from "./store";
import { byTrouble, NAMED_CHANCE, worst } from "./trips";
import "./style/trips.css";

const REFRESH_MS = 15_000;
const WHICH = ["on", "open", "ended"] as const;

export function TripsPage() {
  const { t } = usePrefs();
  useStore();
  const [which, setWhich] = useState<(typeof WHICH)[number]>("on");
  const { value: trips, error } = usePolled(() => api.trips(which), REFRESH_MS, which);
  return (
    <div class="trips">
      <div class="trips-head">
        <h1>{t("nav.trips")}</h1>
        <div class="segments" role="group" aria-label={t("trips.which")}>
          {WHICH.map((name) => (
            <button key={name} type="button" aria-pressed={name === which} onClick={() => setWhich(name)}>
              {t(`trips.${name}`)}
            </button>
          ))}
        </div>
        <a href="#/carriers">{t("months.title")}</a>
      </div>
      {error && <p class="problem">{t("error.load", { detail: error })}</p>}
      {trips === null && !error && <p class="quiet">{t("loading")}</p>}
      {trips?.length === 0 && <p class="quiet">{t("trips.none")}</p>}
      <ol class="trip-list">
        {[...(trips ?? [])].sort(which === "ended" ? () => 0 : byTrouble).map((trip) => (
          <TripItem key={trip.id} trip={trip} />
        ))}
      </ol>
    </div>
  );
}

const TONES = ["", "", "warning", "critical"] as const;

function TripItem({ trip }: { trip: TripShort }) {
  const { t, language } = usePrefs();
  const nowMs = store.nowMs();
  const time = (text: string | null, site: string) => (text === null ? "–" : moment(Date.parse(text), nowMs, language, store.zone(site)));
  const next = store.registry?.sites.get(trip.next_site)?.name ?? trip.next_site;
  return (
    <li>
      <a class={`trip-item ${TONES[worst(trip)]} ${trip.at_risk ? "risk" : ""}`} href={tripHref(trip.id)}>
        <span class="trip-name">
          {trip.at_risk && <StateIcon state="alarm" />}
          <b dir="auto">{trip.vehicle_name}</b>
          <span class="muted">
            {trip.id} · {t(`tripkind.${trip.kind}`)}
          </span>
        </span>
        <span class="trip-state">
          <b>{t(`tripstate.${trip.state}`)}</b>{" "}
          <span class="muted">{t("trips.stops", { done: trip.stops_done, total: trip.stops_total })}</span>
        </span>
        <span>
          {trip.next_site ? (
            <>
              <bdi>{next}</bdi> <b>{time(trip.expected, trip.next_site)}</b>
              {trip.chance !== null && trip.chance >= NAMED_CHANCE && (
                <span class={trip.at_risk ? "bad" : "muted"}> · {t("trip.chance", { percent: Math.round(trip.chance * 100) })}</span>
              )}
            </>
          ) : (
            <span class="muted">{t("trips.planned", { from: time(trip.begins, trip.vehicle), to: time(trip.ends, trip.vehicle) })}</span>
          )}
        </span>
        <span class="bad">{trip.troubles.map(({ rule }) => known(t, "triprule", rule)).join(language === "zh" ? "、" : ", ")}</span>
      </a>
    </li>
  );
}
