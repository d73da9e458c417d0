// Alarms: the column on the wall, and the page with all of them.

import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "./api";
import type { Alarm } from "./contract";
import { useCorrections } from "./corrective/polling";
import type { CorrectionShort } from "./corrective/shapes";
import { CorrectionStrip } from "./corrective/strip";
import { celsius, duration, limit as plain, moment } from "./format";
import { alarmLotsHref } from "./goods/addresses";
import { StateIcon } from "./icons";
import { mergeAlarms } from "./merge";
import { known } from "./messages";
import { usePrefs } from "./prefs";
import { assetHref, tripHref } from "./route";
import { compareAlarms, isOpen, sideOf } from "./state";
import { store, useStore } from "./store";
import { tripOf } from "./trips";

const COLUMN_MAX = 30;
const PAGE_SIZE = 50;

export function AlarmColumn() {
  const { t } = usePrefs();
  const open = useStore().openAlarms();
  return (
    <aside class={`column${open.length ? "" : " calm"}`} aria-labelledby="column-title">
      <h2 id="column-title" class="column-title">
        <a href="#/alarms">
          {open.length ? t("alarms.count", { n: open.length }) : t("alarms.none")}
          <span class="column-more">{t("alarms.see")}</span>
        </a>
      </h2>
      <ol class="alarms">
        {open.slice(0, COLUMN_MAX).map((alarm) => (
          <AlarmItem key={alarm.id} alarm={alarm} />
        ))}
      </ol>
    </aside>
  );
}

export function AlarmsPage() {
  const { t } = usePrefs();
  useStore();
  const [fetched, setFetched] = useState<ReadonlyMap<string, Alarm>>(new Map());
  const [next, setNext] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const corrections = useCorrections();

  const more = async (cursor: string | null) => {
    setBusy(true);
    setError(null);
    try {
      const page = await api.alarms("all", cursor, PAGE_SIZE);
      setFetched((held) => mergeAlarms(held, page.items));
      setNext(page.next ?? null);
    } catch (problem) {
      setError(String(problem instanceof Error ? problem.message : problem));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => void more(null), []);

  const heard = store.picture.alarms;
  const everything = useMemo(() => [...mergeAlarms(fetched, [...heard.values()]).values()], [fetched, heard]);
  const open = everything.filter(isOpen).sort(compareAlarms);
  const past = everything.filter((alarm) => !isOpen(alarm)).sort((a, b) => b.onset.localeCompare(a.onset));
  return (
    <div class="alarms-page">
      <h1>{t("alarms.title")}</h1>
      <section aria-labelledby="open-title">
        <h2 id="open-title">
          {t("alarms.open")} <span class="number">{open.length}</span>
        </h2>
        {open.length === 0 ? <p class="quiet">{t("alarms.none")}</p> : <AlarmList alarms={open} corrections={corrections} />}
      </section>
      <section aria-labelledby="past-title">
        <h2 id="past-title">{t("alarms.past")}</h2>
        {past.length === 0 && !busy && !error ? <p class="quiet">{t("alarms.past.none")}</p> : <AlarmList alarms={past} corrections={corrections} />}
        {error && <p class="problem">{t("error.load", { detail: error })}</p>}
        {(next || error) && (
          <button type="button" class="more" disabled={busy} onClick={() => void more(next)}>
            {t(error ? "retry" : "alarms.more")}
          </button>
        )}
        {busy && <p class="quiet">{t("loading")}</p>}
      </section>
    </div>
  );
}

export function AlarmList({ alarms, corrections }: { alarms: Alarm[]; corrections?: ReadonlyMap<string, CorrectionShort> }) {
  return (
    <ol class="alarms wide">
      {alarms.map((alarm) => (
        <AlarmItem key={alarm.id} alarm={alarm} goods correction={corrections?.get(alarm.id)} />
      ))}
    </ol>
  );
}

/** `goods`: with a way to the lots that it concerns. `correction`: what is still to be done about it. */
export function AlarmItem({ alarm, goods = false, correction }: { alarm: Alarm; goods?: boolean; correction?: CorrectionShort | undefined }) {
  const { t, language } = usePrefs();
  const { registry } = store;
  const nowMs = store.nowMs();
  const asset = registry?.assets.get(alarm.asset);
  const site = registry?.sites.get(alarm.site);
  const point = registry?.points.get(alarm.point);
  const trip = tripOf(alarm.point);
  const open = isOpen(alarm);
  const onset = Date.parse(alarm.onset);
  const lasted = duration(alarmSeconds(alarm, nowMs), t);
  const limit = alarm.limit === null ? "" : plain(alarm.limit);
  const side = sideOf(alarm.rule);
  const zone = store.zone(alarm.site);
  return (
    <li>
      <a class={`alarm ${alarm.severity} ${open ? "open" : "over"} a-${alarm.state}`} href={trip === null ? assetHref(alarm.asset, { at: onset, alarm: alarm.id }) : tripHref(trip)}>
        <span class="alarm-head">
          <StateIcon state={open ? "alarm" : "in-range"} />
          <span class="severity">{t(`severity.${alarm.severity}`)}</span>
          <span class="alarm-state">{t(`alarmstate.${alarm.state}`)}</span>
          {alarm.shelved_until && (
            <span class="late">{t("alarm.shelved", { time: moment(Date.parse(alarm.shelved_until), nowMs, language, zone) })}</span>
          )}
          {alarm.chattering && <span class="late">{t("alarm.chattering")}</span>}
          {alarm.late_discovered && <span class="late">{t("alarm.late")}</span>}
        </span>
        <span class="alarm-asset">
          <b dir="auto">{asset?.name ?? trip ?? alarm.asset}</b> <span dir="auto">{site?.name ?? alarm.site}</span>
        </span>
        <span class="alarm-rule">
          {point && <span class="alarm-point">{known(t, "position", point.position)} </span>}
          {known(t, "alarm", open ? alarm.rule : `${alarm.rule}.ended`, { limit, duration: lasted })}
        </span>
        {open && alarm.guidance && (
          <span class="alarm-response">
            {alarm.guidance.response[language]} <span class="quiet">{t("alarm.respond", { minutes: alarm.guidance.minutes })}</span>
          </span>
        )}
        <span class="alarm-facts">
          {alarm.unit === "Cel" && alarm.peak !== null && <span>{t(`alarm.peak.${side}`, { peak: celsius(alarm.peak) })}</span>}
          {alarm.rule === "sensor-fault" && alarm.peak !== null && <span>{known(t, "alarm.fault", String(alarm.peak))}</span>}
          <span>
            {alarm.ended
              ? t("alarm.span", {
                  from: moment(onset, nowMs, language, zone),
                  to: moment(Date.parse(alarm.ended), nowMs, language, zone),
                })
              : t("alarm.onset", { time: moment(onset, nowMs, language, zone) })}
          </span>
          {alarm.hole_s > 0 && <span class="alarm-holes">{t("alarm.holes", { duration: duration(alarm.hole_s, t) })}</span>}
        </span>
      </a>
      {goods && asset && alarm.state !== "retracted" && (
        <a class="alarm-goods" href={alarmLotsHref(alarm.id)}>
          {t("alarm.goods")}
        </a>
      )}
      {correction && <CorrectionStrip item={correction} />}
    </li>
  );
}

/** An open alarm ticks with the server's clock; one that ended keeps the length the judge gave it. */
export function alarmSeconds(alarm: Alarm, nowMs: number): number {
  if (!isOpen(alarm) || alarm.ended) return alarm.duration_s;
  return Math.max(alarm.duration_s, (nowMs - Date.parse(alarm.onset)) / 1000);
}
