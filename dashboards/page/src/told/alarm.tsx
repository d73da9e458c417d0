// One alarm, for whoever opened the link of a message: what it is, what to do, an answer in one tap, who was told.

import { useState } from "preact/hooks";
import { AlarmItem } from "../alarms";
import { api, postAction } from "../api";
import { useCorrections } from "../corrective/polling";
import { Who, whoIsHere } from "../corrective/who";
import { moment } from "../format";
import { known } from "../messages";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { store, useStore } from "../store";
import type { AlarmWhole, SentMessage } from "./shapes";

const AGAIN_MS = 10_000;
const SHELF_MIN = 20;

export function AlarmPage({ id }: { id: string; query: URLSearchParams }) {
  const { t, language } = usePrefs();
  useStore();
  const { value, error, again } = usePolled(() => api.alarm(id), AGAIN_MS, id);
  const corrections = useCorrections();
  if (value === null) return <p class={error ? "problem" : "quiet"}>{error ? t("error.load", { detail: error }) : t("loading")}</p>;
  return (
    <div class="alarm-page">
      <h1>{t("alarm.one")}</h1>
      <ol class="alarms wide">
        <AlarmItem alarm={value} goods correction={corrections.get(id)} />
      </ol>
      {value.guidance && <p class="quiet-line">{t("alarm.otherwise", { what: value.guidance.consequence[language] })}</p>}
      <Answer alarm={value} onDone={again} />
      <Told id={id} />
      <History alarm={value} />
    </div>
  );
}

/** 我知道了, 20 分钟后再提醒: one tap once a name is known. */
function Answer({ alarm, onDone }: { alarm: AlarmWhole; onDone: () => void }) {
  const { t } = usePrefs();
  const [named, setNamed] = useState(whoIsHere() !== "");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const unanswered = alarm.state === "unacknowledged" || alarm.state === "returned-unacknowledged";
  const stands = alarm.state === "unacknowledged" || alarm.state === "acknowledged";
  if (!unanswered && !stands) return null;
  const act = async (action: string, why: string, minutes?: number) => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await postAction(alarm.id, { who: whoIsHere(), why, entries: [{ action, ...(minutes === undefined ? {} : { minutes }) }] });
      if (answer.status >= 300) setProblem(answer.detail);
      else onDone();
    } catch (fault) {
      setProblem(fault instanceof Error ? fault.message : String(fault));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="answer" aria-label={t("alarm.answer")}>
      <Who onName={(name) => setNamed(name.length > 1)} />
      {unanswered && (
        <button type="button" class="primary" disabled={!named || busy} onClick={() => void act("acknowledge", t("alarm.acknowledge"))}>
          {t("alarm.acknowledge")}
        </button>
      )}
      {stands && (
        <button type="button" class="plain" disabled={!named || busy} onClick={() => void act("shelve", t("alarm.shelve"), SHELF_MIN)}>
          {t("alarm.shelve")}
        </button>
      )}
      {problem && <p class="problem" role="alert">{problem}</p>}
    </section>
  );
}

/** Who heard of it, over which way, and whom nothing reached. */
function Told({ id }: { id: string }) {
  const { t, language } = usePrefs();
  const { value } = usePolled(() => api.messagesOf(id), AGAIN_MS, id);
  const time = (text: string) => moment(Date.parse(text), store.nowMs(), language, store.zone(null));
  const line = (one: SentMessage) =>
    one.ended_at && one.state === "accepted"
      ? t("told.accepted", { time: time(one.ended_at), way: known(t, "way", one.way) })
      : t(`told.${one.state}`, { why: one.why });
  return (
    <section aria-labelledby="told-title">
      <h2 id="told-title">{t("told.title")}</h2>
      {value?.length === 0 && <p class="quiet">{t("told.nobody")}</p>}
      <ul class="told">
        {value?.map((one) => (
          <li key={one.key} class={one.state}>
            <b dir="auto">{one.name}</b> {line(one)} <span class="quiet-line">{one.title}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function History({ alarm }: { alarm: AlarmWhole }) {
  const { t, language } = usePrefs();
  const zone = store.zone(alarm.site || null);
  return (
    <section aria-labelledby="steps-title">
      <h2 id="steps-title">{t("alarm.steps")}</h2>
      <ol class="told">
        {alarm.transitions.map((step, place) => (
          <li key={place}>
            {moment(Date.parse(step.at), store.nowMs(), language, zone)} {known(t, "alarmstate", step.to)}
            {step.who !== "judge" && (
              <span class="quiet-line">
                {step.who} · {step.reason}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
