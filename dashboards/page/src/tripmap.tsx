// The schematic map of a trip: planned way, stops, where it drove, and how long a piece of paper is.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Trip, TripTrack } from "./contract";
import { pieces, type Place, projection, scaleBar } from "./geo";
import { usePrefs } from "./prefs";
import { shared, stopState } from "./trips";

const PADDING = 34;
const BAR_SHARE = 0.3;
const STOP_R = 11;

export function TripMap({ trip, track }: { trip: Trip; track: TripTrack | null }) {
  const { t } = usePrefs();
  const [box, width] = useWidth();
  const height = Math.round(Math.min(460, Math.max(240, width * 0.62)));
  const stops = shared(trip.stops);
  const { known, leaps } = pieces(track?.items ?? []);
  const planned: Place[] = trip.route.length > 1 ? trip.route : plainWay(trip);
  const places = [...planned, ...stops.map(({ latitude, longitude }): Place => [latitude, longitude]), ...known.flat()];
  const vehicle = trip.over === null ? known.at(-1)?.at(-1) : undefined;
  return (
    <figure class="card tripmap" aria-labelledby="tripmap-title">
      <figcaption id="tripmap-title">{t("trip.map")}</figcaption>
      <div ref={box}>
        {places.length === 0 && <p class="quiet">{t("trip.map.none")}</p>}
        {places.length > 0 && width > 0 && draw()}
      </div>
      <ul class="legend">
        {planned.length > 1 && <li class="l-planned">{t(trip.route.length > 1 ? "trip.map.planned" : "trip.map.straight")}</li>}
        {known.length > 0 && <li class="l-driven">{t("trip.map.driven")}</li>}
        {leaps.length > 0 && <li class="l-leap">{t("trip.map.leap")}</li>}
        {vehicle && <li class="l-vehicle">{t("trip.map.vehicle")}</li>}
      </ul>
    </figure>
  );

  function draw() {
    const { at, metresPerPx } = projection(places, { width, height, padding: PADDING });
    const path = (line: readonly Place[]) =>
      line.map((place, i) => `${i ? "L" : "M"}${at(place).x.toFixed(1)} ${at(place).y.toFixed(1)}`).join("");
    const bar = scaleBar(metresPerPx, width * BAR_SHARE);
    const length = bar.metres >= 1000 ? `${bar.metres / 1000} km` : `${bar.metres} m`;
    return (
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("trip.map.label", { id: trip.id })}>
        <path class={trip.route.length > 1 ? "m-planned" : "m-planned straight"} d={path(planned)} />
        {leaps.map((leap) => (
          <path key={path(leap)} class="m-leap" d={path(leap)} />
        ))}
        {known.map((line) => (
          <path key={path(line)} class="m-driven" d={path(line)} />
        ))}
        {stops.map(({ latitude, longitude, stops: numbers }) => {
          const { x, y } = at([latitude, longitude]);
          const label = numbers.map((number) => number + 1).join("·");
          const here = numbers.flatMap((number) => trip.stops[number] ?? []);
          const last = here.filter((stop) => stop.arrived !== null).at(-1) ?? here[0];
          return (
            <g key={label} class={`m-stop t-${last ? stopState(last) : "planned"}`} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
              <title>{here[0]?.site_name}</title>
              <rect x={-STOP_R - 3 * (label.length - 1)} y={-STOP_R} width={2 * STOP_R + 6 * (label.length - 1)} height={2 * STOP_R} rx={STOP_R} />
              <text text-anchor="middle" dy="0.35em">
                {label}
              </text>
            </g>
          );
        })}
        {vehicle && <circle class="m-vehicle" cx={at(vehicle).x} cy={at(vehicle).y} r="6" />}
        <g class="m-scale" transform={`translate(${width - bar.px - 8} ${height - 10})`}>
          <path d={`M0 -5V0H${bar.px.toFixed(1)}V-5`} />
          <text x={bar.px / 2} y="-5" text-anchor="middle">
            {length}
          </text>
        </g>
        <g class="m-north" transform="translate(14 22)">
          <path d="M0 -14L4 0H-4Z" />
          <text y="12" text-anchor="middle">
            N
          </text>
        </g>
      </svg>
    );
  }
}

/** Without a planned way the stops are joined as the crow flies. */
function plainWay(trip: Trip): Place[] {
  return trip.stops.flatMap(({ latitude, longitude }): Place[] => (latitude === null || longitude === null ? [] : [[latitude, longitude]]));
}

function useWidth(): [preact.RefObject<HTMLDivElement>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const observer = new ResizeObserver(() => setWidth(node.clientWidth));
    observer.observe(node);
    setWidth(node.clientWidth);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}
