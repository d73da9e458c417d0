// The last readings of a point, with what is known against each.

import { useEffect, useState } from "preact/hooks";
import { api } from "./api";
import type { Point, Reading } from "./contract";
import { celsius, exact, type Zone } from "./format";
import { known, type Translate } from "./messages";
import { usePrefs } from "./prefs";
import { store } from "./store";

const ROWS = 30;
const LEAST_MS_BETWEEN = 5000;

export function Readings({ points, untilMs, zone }: { points: Point[]; untilMs: number | null; zone: Zone }) {
  const { t, language } = usePrefs();
  const [chosen, setChosen] = useState(0);
  const point = points[chosen] ?? points[0];
  const { rows, error } = useLastReadings(point ?? null, untilMs);
  if (!point) return null;
  return (
    <section class="card" aria-labelledby="readings-title">
      <div class="card-head">
        <h2 id="readings-title">{t("readings.title")}</h2>
        {points.length > 1 && (
          <div class="segments small">
            {points.map((one, i) => (
              <button key={one.id} type="button" aria-pressed={one === point} onClick={() => setChosen(i)}>
                {known(t, "position", one.position)}
              </button>
            ))}
          </div>
        )}
      </div>
      {error && <p class="problem">{t("error.load", { detail: error })}</p>}
      {rows?.length === 0 && <p class="quiet">{t("readings.none")}</p>}
      {rows && rows.length > 0 && (
        <div class="table-box" tabIndex={0} role="region" aria-labelledby="readings-title">
          <table class="readings">
            <thead>
              <tr>
                <th scope="col">{t("readings.time")}</th>
                <th scope="col" class="numeric">
                  {t("readings.value")}
                </th>
                <th scope="col">{t("readings.quality")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.measured_at} ${row.position}`} class={row.fault ? "bad" : row.quality.length ? "marked" : ""}>
                  <td>{exact(Date.parse(row.measured_at), language, zone)}</td>
                  <td class="numeric">{typeof row.value === "number" ? `${celsius(row.value)} ${t("celsius")}` : "–"}</td>
                  <td>{remarks(row, t)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export function remarks(row: Reading, t: Translate): string {
  const words = row.quality.filter((word) => !(row.fault && word === "fault")).map((word) => known(t, "quality", word));
  if (row.fault) words.unshift(known(t, "fault", row.fault));
  if (row.values && row.values.length > 1) words.push(t("readings.several", { values: row.values.map(celsius).join(" / ") }));
  return words.join(", ") || t("readings.good");
}

function useLastReadings(point: Point | null, untilMs: number | null): { rows: Reading[] | null; error: string | null } {
  const [rows, setRows] = useState<Reading[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (!point) return;
    const abort = new AbortController();
    let askedAt = Number.NEGATIVE_INFINITY;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      askedAt = performance.now();
      // A silent point shows the last it said, not an empty table.
      const newest = store.picture.latest.get(point.id)?.measuredAtMs ?? store.nowMs();
      const toMs = (untilMs ?? newest) + 1000;
      try {
        const page = await api.readings(point.id, toMs - (ROWS + 10) * point.interval_s * 1000, toMs, 500, abort.signal);
        setRows([...page.items].sort((a, b) => b.measured_at.localeCompare(a.measured_at)).slice(0, ROWS));
        setError(null);
      } catch (problem) {
        if (!abort.signal.aborted) setError(problem instanceof Error ? problem.message : String(problem));
      }
    };
    setRows(null);
    void ask();
    const stop = store.onFrame((frame) => {
      if (untilMs !== null || timer || !frame.latest?.some(([id]) => id === point.id)) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          void ask();
        },
        Math.max(300, LEAST_MS_BETWEEN - (performance.now() - askedAt)),
      );
    });
    return () => {
      abort.abort();
      clearTimeout(timer);
      stop();
    };
  }, [point?.id, untilMs]);
  return { rows, error };
}
