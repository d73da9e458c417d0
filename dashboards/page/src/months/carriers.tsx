// A month of trips: carriers with their sheets, and the ways of raw milk; every table as a file, too.

import type { ComponentChildren } from "preact";
import { api } from "../api";
import { csvOf, download } from "../csv";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { monthHref } from "../route";
import { useStore } from "../store";
import { carrierTables, carriersTable, fileOf, milkTables, monthsUntil, percent, type Table } from "./tables";
import type { Carrier } from "./shapes";
import "../style/months.css";

/** What is over changes no more, and a month is long. */
const REFRESH_MS = 300_000;

export function CarriersPage({ query }: { query: URLSearchParams }) {
  const { t } = usePrefs();
  const store = useStore();
  const months = monthsUntil(store.nowMs());
  const month = query.get("month") ?? (months[0] as string);
  const carrier = query.get("carrier");
  const milk = query.get("of") === "milk";
  return (
    <div class="months">
      <p class="crumb">
        <a href="#/trips">{t("nav.trips")}</a>
      </p>
      <div class="trips-head">
        <h1>{t("months.title")}</h1>
        <select
          aria-label={t("months.month")}
          value={month}
          onChange={(event) => (location.hash = monthHref(event.currentTarget.value, milk ? "milk" : "carriers", carrier))}
        >
          {[...new Set([month, ...months])].sort().reverse().map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
        <div class="segments" role="group" aria-label={t("months.title")}>
          <a href={monthHref(month, "carriers")} aria-current={milk ? undefined : "page"}>
            {t("months.carriers")}
          </a>
          <a href={monthHref(month, "milk")} aria-current={milk ? "page" : undefined}>
            {t("months.milk")}
          </a>
        </div>
      </div>
      {milk ? <Milk month={month} /> : <Carriers month={month} />}
      {!milk && carrier !== null && <OneCarrier key={`${month} ${carrier}`} month={month} carrier={carrier} />}
    </div>
  );
}

function Carriers({ month }: { month: string }) {
  const { t } = usePrefs();
  const { value, error } = usePolled(() => api.carriers(month), REFRESH_MS, month);
  if (value === null) return <Missing error={error} />;
  const table = carriersTable(t, value.items, (name) => monthHref(month, "carriers", name));
  return (
    <Tables tables={[table]} file={`carriers-${month}.csv`}>
      {value.items.length === 0 && <p class="quiet">{t("trips.none")}</p>}
    </Tables>
  );
}

function OneCarrier({ month, carrier }: { month: string; carrier: string }) {
  const { t, language } = usePrefs();
  const { value, error } = usePolled(() => api.carrier(month, carrier), REFRESH_MS, `${month} ${carrier}`);
  if (value === null) return <Missing error={error} />;
  const [, ...others] = carrierTables(t, value);
  const name = value.carrier_name || t("months.nobody");
  return (
    <>
      <h2 class="carrier-name">
        <bdi>{name}</bdi> {value.phone && <a href={`tel:${value.phone}`}>{value.phone}</a>}
      </h2>
      <ComplianceCard carrier={value} />
      <Tables
        tables={others}
        file={`carrier-${carrier || "none"}-${month}.csv`}
        all={carrierTables(t, value)}
        notes={[`${name} ${month}`, value.compliance.definition[language]]}
      />
    </>
  );
}

/** The number never stands without what it is. */
function ComplianceCard({ carrier: { compliance } }: { carrier: Carrier }) {
  const { t, language } = usePrefs();
  return (
    <section class="card compliance" aria-labelledby="compliance">
      <h3 id="compliance">{t("months.compliance")}</h3>
      <p class="compliance-share">{percent(compliance.share) ?? "–"}</p>
      <p>
        {t("months.compliance.of", {
          within: compliance.within_h.toFixed(1), known: compliance.known_h.toFixed(1), loaded: compliance.loaded_h.toFixed(1),
          trips: compliance.trips, unmeasured: compliance.unmeasured,
        })}
      </p>
      <p class="muted">{compliance.definition[language]}</p>
    </section>
  );
}

function Milk({ month }: { month: string }) {
  const { t } = usePrefs();
  const { value, error } = usePolled(() => api.milkMonth(month), REFRESH_MS, `milk ${month}`);
  if (value === null) return <Missing error={error} />;
  return <Tables tables={milkTables(t, value)} file={`milk-${month}.csv`} notes={[`${t("months.milk")} ${month}`]} />;
}

function Missing({ error }: { error: string | null }) {
  const { t } = usePrefs();
  return error ? <p class="problem">{t("error.load", { detail: error })}</p> : <p class="quiet">{t("loading")}</p>;
}

interface TablesProps {
  tables: readonly Table[];
  file: string;
  /** What the file holds, where that is more than what is drawn. */
  all?: readonly Table[];
  notes?: readonly string[];
  children?: ComponentChildren;
}

function Tables({ tables, file, all = tables, notes = [], children }: TablesProps) {
  const { t } = usePrefs();
  const { health } = useStore();
  const keep = () => download(file, csvOf(fileOf(all, [...(health?.demo ? [t("demo.banner")] : []), ...notes])));
  return (
    <>
      {tables.filter((table) => table.rows.length > 0).map((table) => (
        <section key={table.title} class="card">
          <h3>{table.title}</h3>
          <div class="wide">
            <TableOf table={table} />
          </div>
        </section>
      ))}
      {children}
      <p>
        <button type="button" class="plain" onClick={keep}>
          {t("months.csv")}
        </button>
      </p>
    </>
  );
}

function TableOf({ table }: { table: Table }) {
  return (
    <table class="figures">
      <thead>
        <tr>
          {table.head.map((word) => (
            <th key={word} scope="col">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, number) => (
          <tr key={number}>
            {row.map((cell, place) => {
              const href = place === 0 ? table.links?.[number] : undefined;
              return (
                <td key={place}>
                  {href ? <a href={href}>{cell}</a> : (cell ?? "–")}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
