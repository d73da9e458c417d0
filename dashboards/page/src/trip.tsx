// One trip: where it is, its stops beside the plan, its way, what is on board, what went wrong.

import { useMemo } from "preact/hooks";
import { AlarmList } from "./alarms";
import { api } from "./api";
import type { Trip, TripStop, TripTrack } from "./contract";
import { duration, hourMinute, moment } from "./format";
import { StateIcon } from "./icons";
import { known } from "./messages";
import { usePolled } from "./polled";
import { usePrefs } from "./prefs";
import { Plot } from "./plot";
import type { Interval } from "./series";
import { store, useStore } from "./store";
import { TripMap } from "./tripmap";
import { ChangeVehicle } from "./changevehicle";
import { lateMinutes, NAMED_CHANCE, stopState } from "./trips";
import "./style/asset.css";
import "./style/trips.css";

const REFRESH_MS = 15_000;
const CHART_PX = 200;
const MOST_CHARTS = 2;
/** Positions of probes that say what the goods are, before those that say what the air is. */
const IN_GOODS = ["milk", "product"];
/** The live chart's window grows in such steps, so that it is not asked for anew each second. */
const STEP_MS = 600_000;

export function TripPage({ id }: { id: string }) {
  const { t } = usePrefs();
  const { registry } = useStore();
  const { value: trip, error } = usePolled(() => api.trip(id), REFRESH_MS, id);
  const { value: track } = usePolled(() => api.track(id), 2 * REFRESH_MS, id);
  if (error && !trip)
    return (
      <p class="quiet">
        {t("error.load", { detail: error })} <a href="#/trips">{t("trip.back")}</a>
      </p>
    );
  if (!trip || !registry) return <p class="quiet">{t("loading")}</p>;
  return (
    <div class="asset-page trip-page">
      <Title trip={trip} />
      <div class="asset-main">
        <Stops trip={trip} />
        <Temperatures trip={trip} track={track} />
      </div>
      <div class="asset-side">
        {trip.alarms.length > 0 && (
          <section class="card" aria-labelledby="trip-alarms">
            <h2 id="trip-alarms">{t("trip.wrong")}</h2>
            <AlarmList alarms={[...trip.alarms].reverse()} />
          </section>
        )}
        <TripMap trip={trip} track={track} />
        <Steps trip={trip} />
        <Facts trip={trip} />
        {trip.over === null && <ChangeVehicle trip={trip} />}
      </div>
    </div>
  );
}

function Title({ trip }: { trip: Trip }) {
  const { t, language } = usePrefs();
  const nowMs = store.nowMs();
  const next = trip.next_stop === null ? null : trip.stops[trip.next_stop];
  const time = (text: string, site: string) => moment(Date.parse(text), nowMs, language, store.zone(site));
  const newest = trip.newest === null ? null : (nowMs - Date.parse(trip.newest)) / 1000;
  return (
    <div class={`asset-title${trip.at_risk ? " s-alarm" : ""}`}>
      <div>
        <p class="crumb">
          <a href="#/trips">{t("nav.trips")}</a> / {trip.id}
        </p>
        <h1 dir="auto">{trip.vehicle_name}</h1>
        <p class="asset-kind">
          {t(`tripkind.${trip.kind}`)}
          {trip.driver && ` · ${trip.driver}`}
        </p>
      </div>
      <p class="asset-state">
        <span class="state-line">
          {trip.at_risk && <StateIcon state="alarm" />}
          <b>{t(`tripstate.${trip.state}`)}</b>
          {next?.expected && (
            <span>
              {" → "}
              <bdi>{next.site_name}</bdi> {time(next.expected, next.site)}
            </span>
          )}
        </span>
        <span>
          {t("trip.driven", { km: (trip.driven_m / 1000).toFixed(0) })}
          {trip.planned_m !== null && ` ${t("trip.of", { km: (trip.planned_m / 1000).toFixed(0) })}`}
          {trip.left_m !== null && next && ` · ${t("trip.left", { km: (trip.left_m / 1000).toFixed(0) })}`}
        </span>
        {trip.over === null && newest !== null && <span class="tile-age">{t("trip.newest", { duration: duration(newest, t) })}</span>}
      </p>
    </div>
  );
}

function Stops({ trip }: { trip: Trip }) {
  const { t } = usePrefs();
  return (
    <section class="card" aria-labelledby="trip-stops">
      <h2 id="trip-stops">{t("trip.stops")}</h2>
      <table class="stops">
        <thead>
          <tr>
            <th scope="col">{t("trip.stop")}</th>
            <th scope="col">{t("trip.planned")}</th>
            <th scope="col">{t("trip.actual")}</th>
          </tr>
        </thead>
        <tbody>
          {trip.stops.map((stop, number) => (
            <Stop key={number} stop={stop} number={number + 1} next={trip.next_stop === number} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Stop({ stop, number, next }: { stop: TripStop; number: number; next: boolean }) {
  const { t, language } = usePrefs();
  const zone = store.zone(stop.site);
  const nowMs = store.nowMs();
  const time = (text: string) => moment(Date.parse(text), nowMs, language, zone);
  const short = (text: string) => hourMinute(Date.parse(text), language, zone);
  const planned = stop.planned_arrival ?? stop.planned_departure;
  const state = stopState(stop);
  const late = lateMinutes(stop);
  return (
    <tr class={`t-${state}${next ? " next" : ""}`} aria-current={next ? "step" : undefined}>
      <th scope="row">
        <span class="stop-name">
          <span class="stop-number">{number}</span>
          <span>
            <bdi>{stop.site_name}</bdi>
            <small>
              {t(`purpose.${stop.purpose}`)}
              {stop.quantity !== null && ` · ${stop.quantity} ${stop.unit}`}
            </small>
          </span>
        </span>
      </th>
      <td>
        {planned ? time(planned) : "–"}
        {stop.due !== null && <small>{t("trip.due", { time: short(stop.due) })}</small>}
      </td>
      <td>
        {stop.arrived !== null && (
          <>
            <b>{time(stop.arrived)}</b>
            {stop.left !== null && ` – ${short(stop.left)}`}
            <small>
              {late > 0 && <span class="bad">{t("trip.late", { duration: duration(late * 60, t) })} </span>}
              {stop.left === null && stop.accepted === null && `${t("trip.there")} `}
              {stop.accepted !== null && `${t("trip.accepted", { time: short(stop.accepted) })} `}
              {stop.refused !== null && <span class="bad">{t("trip.refused", { time: short(stop.refused) })} </span>}
              {stop.arrived_by === "person" && `${t("trip.by-hand")} `}
              {stop.hole && t("trip.hole")}
            </small>
          </>
        )}
        {stop.arrived === null && stop.expected !== null && (
          <>
            <span class="expected">
              {t("trip.expected", { time: time(stop.expected) })}
              {stop.spread_s !== null && ` ± ${duration(stop.spread_s, t)}`}
            </span>
            <small class={state === "risk" ? "bad" : ""}>
              {late > 0 && `${t("trip.late", { duration: duration(late * 60, t) })} · `}
              {stop.chance !== null && stop.chance >= NAMED_CHANCE && t("trip.chance", { percent: Math.round(stop.chance * 100) })}
            </small>
          </>
        )}
        {stop.arrived === null && stop.expected === null && (
          <span class="muted">{stop.left === null ? t("trip.unknown") : t("trip.gone", { time: time(stop.left) })}</span>
        )}
      </td>
    </tr>
  );
}

function Temperatures({ trip, track }: { trip: Trip; track: TripTrack | null }) {
  const { t } = usePrefs();
  const live = trip.over === null;
  const nowMs = store.nowMs();
  const window = useMemo<Interval | null>(() => {
    if (!track) return null;
    const fromMs = Date.parse(track.from);
    if (!live) return { fromMs, toMs: Date.parse(track.to) };
    return { fromMs: nowMs - Math.ceil((nowMs - fromMs) / STEP_MS) * STEP_MS, toMs: nowMs };
  }, [track, live, live ? nowMs : 0]);
  if (!window || window.toMs <= window.fromMs) return null;
  const ids = [...new Set((track?.points ?? []).map(({ point }) => point))];
  const points = ids.flatMap((id) => store.registry?.points.get(id) ?? []);
  const inGoods = points.filter((point) => IN_GOODS.includes(point.position));
  const shown = [...inGoods, ...points.filter((point) => !inGoods.includes(point))].slice(0, MOST_CHARTS);
  if (!shown.length) return <p class="quiet">{t("trip.unmeasured")}</p>;
  return (
    <>
      {shown.map((point) => (
        <Plot key={point.id} point={point} door={null} window={window} live={live} alarms={[]} height={CHART_PX} zone={store.zone(trip.vehicle)} />
      ))}
    </>
  );
}

function Steps({ trip }: { trip: Trip }) {
  const { t, language } = usePrefs();
  const nowMs = store.nowMs();
  if (!trip.steps.length) return null;
  return (
    <section class="card" aria-labelledby="trip-steps">
      <h2 id="trip-steps">{t("trip.steps")}</h2>
      <ol class="steps">
        {trip.steps.map((step) => {
          const stop = step.stop === null ? null : trip.stops[step.stop];
          return (
            <li key={`${step.at} ${step.event}`}>
              <time dateTime={step.at}>{moment(Date.parse(step.at), nowMs, language, store.zone(stop?.site ?? trip.vehicle))}</time>
              <span>
                <b>{known(t, "tripevent", step.event)}</b> {stop && <bdi>{stop.site_name}</bdi>}
                {step.by === "person" && <span class="muted"> {t("trip.by-hand")}</span>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Facts({ trip }: { trip: Trip }) {
  const { t, language } = usePrefs();
  const nowMs = store.nowMs();
  const facts: [string, string][] = [
    [t("trip.vehicle"), trip.legs[0]?.vehicle_name ?? trip.vehicle],
    ...trip.legs.slice(1).map((leg): [string, string] => [
      t("trip.changed"),
      `${leg.from ? moment(Date.parse(leg.from), nowMs, language, store.zone(leg.vehicle)) : ""} ${leg.vehicle_name}`,
    ]),
    [t("trip.carrier"), trip.carrier],
    [t("trip.driver"), [trip.driver, trip.driver_phone].filter(Boolean).join(" ")],
    [t("trip.escort"), trip.escort],
    [t("trip.permit"), trip.permit],
    [t("trip.order"), trip.order],
    [t("trip.rules"), trip.rules],
  ];
  return (
    <section class="card facts" aria-labelledby="trip-facts">
      <h2 id="trip-facts">{t("trip.facts")}</h2>
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
