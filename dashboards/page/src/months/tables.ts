// The tables of a month, the same on the screen and in the file: headings, and rows of texts and numbers.

import type { Cell } from "../csv";
import { known, type Translate } from "../messages";
import { tripHref } from "../route";
import type { Carrier, CarrierMonth, MilkMonth, MilkWay } from "./shapes";

export interface Table {
  title: string;
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** Where a row leads. */
  links?: readonly string[];
}

/** "92.3%"; null where nothing was measured. */
export function percent(share: number | null): string | null {
  return share === null ? null : `${(share * 100).toFixed(1)}%`;
}

export function carriersTable(t: Translate, items: readonly CarrierMonth[], hrefOf: (carrier: string) => string): Table {
  return {
    title: t("months.carriers"),
    head: [
      t("trip.carrier"), t("months.trips"), t("months.in-time"), t("months.late"), t("months.unknown"), t("months.in-time-share"),
      t("months.breaches"), t("months.refused"), t("months.km"), t("months.delays"),
    ],
    rows: items.map((one) => [
      one.carrier_name || t("months.nobody"), one.trips, one.in_time, one.late, one.unknown, percent(one.in_time_share),
      one.breaches, one.refused, one.driven_km, delays(t, one) || null,
    ]),
    links: items.map((one) => hrefOf(one.carrier)),
  };
}

function delays(t: Translate, one: CarrierMonth): string {
  return one.delays.map(({ rule, count, hours }) => t("months.delay", { rule: known(t, "triprule", rule), count, hours: hours.toFixed(1) })).join("; ");
}

export function carrierTables(t: Translate, carrier: Carrier): Table[] {
  const { compliance } = carrier;
  return [
    {
      title: t("months.compliance"),
      head: [t("months.compliance"), t("months.within-h"), t("months.known-h"), t("months.loaded-h"), t("months.measured"), t("months.unmeasured")],
      rows: [[percent(compliance.share), compliance.within_h, compliance.known_h, compliance.loaded_h, compliance.trips, compliance.unmeasured]],
    },
    {
      title: t("months.trend"),
      head: [t("months.month"), t("months.trips"), t("months.in-time-share"), t("months.breaches"), t("months.km")],
      rows: carrier.trend.map((one) => [one.month, one.trips, percent(one.in_time_share), one.breaches, one.driven_km]),
    },
    {
      title: t("months.vehicles"),
      head: [t("trip.vehicle"), t("paper.plate"), t("months.trips")],
      rows: carrier.vehicles.map((one) => [one.vehicle_name, one.plate || null, one.trips]),
    },
    {
      title: t("months.milk-ways"),
      head: [t("months.loads"), t("months.tonnes"), t("months.unweighed"), t("months.mean-km"), t("months.mean-h")],
      rows: carrier.loads ? [[carrier.loads, carrier.tonnes, carrier.unweighed, carrier.km, carrier.hours]] : [],
    },
    {
      title: t("months.longest"),
      head: [t("months.trip"), t("trip.vehicle"), t("months.hours"), t("months.km")],
      rows: carrier.longest.map((one) => [one.trip, one.vehicle_name, one.hours, one.driven_km]),
      links: carrier.longest.map((one) => tripHref(one.trip)),
    },
  ];
}

export function milkTables(t: Translate, milk: MilkMonth): Table[] {
  const head = [t("months.loads"), t("months.tonnes"), t("months.unweighed"), t("months.mean-km"), t("months.mean-h")];
  const way = (one: MilkWay): Cell[] => [one.site_name, one.loads, one.tonnes, one.unweighed, one.km, one.hours];
  return [
    {
      title: t("months.watched"),
      head: [t("months.watched"), t("months.monitored-h"), t("months.custody-h"), t("months.unsaid")],
      rows: [[percent(milk.monitored_share), milk.monitored_h, milk.custody_h, milk.unsaid_milkings]],
    },
    { title: t("months.by-station"), head: [t("paper.station"), ...head], rows: milk.by_station.map(way) },
    { title: t("months.by-plant"), head: [t("paper.plant"), ...head], rows: milk.by_plant.map(way) },
    {
      title: t("months.trend"),
      head: [t("months.month"), t("months.loads"), t("months.tonnes"), t("months.mean-km"), t("months.mean-h")],
      rows: milk.trend.map((one) => [one.month, one.loads, one.tonnes, one.km, one.hours]),
    },
    {
      title: t("months.longest"),
      head: [t("months.trip"), t("paper.station"), t("paper.plant"), t("months.tonnes"), t("months.km"), t("months.hours")],
      rows: milk.longest.map((one) => [one.trip, one.station_name, one.plant_name, one.tonnes, one.km, one.hours]),
      links: milk.longest.map((one) => tripHref(one.trip)),
    },
  ];
}

/** Tables one after another as the rows of one file; `notes` stand before them. */
export function fileOf(tables: readonly Table[], notes: readonly string[]): Cell[][] {
  return [...notes.map((note) => [note]), ...tables.flatMap((one) => [[], [one.title], [...one.head], ...one.rows.map((row) => [...row])])];
}

/** The month of a time in China, and the eleven before: "2026-11". */
export function monthsUntil(nowMs: number): string[] {
  const now = new Date(nowMs + CHINA_MS);
  return Array.from({ length: 12 }, (_, before) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - before, 1)).toISOString().slice(0, 7));
}

const CHINA_MS = 8 * 3_600_000;
