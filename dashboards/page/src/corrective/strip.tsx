// Below an alarm: one tap on a cause closes a minor one; what is graver leads to its form.

import { useState } from "preact/hooks";
import { moment } from "../format";
import { usePrefs } from "../prefs";
import { store } from "../store";
import { note } from "./polling";
import { saidAt, tap } from "./saying";
import { CAUSES, type Cause, type CorrectionShort } from "./shapes";
import { Who, whoIsHere } from "./who";

/** What it is most often; one tap more shows all. */
const FIRST: readonly Cause[] = ["door-open", "restocking", "broken", "power", "not-ours"];

export const correctionHref = (about: string): string => `#/correction/${encodeURIComponent(about)}`;

export function CorrectionStrip({ item }: { item: CorrectionShort }) {
  const { t, language } = usePrefs();
  const [said, setSaid] = useState<Cause | "">(item.cause);
  const [all, setAll] = useState(false);
  const [named, setNamed] = useState(whoIsHere() !== "");
  const time = (text: string) => moment(Date.parse(text), store.nowMs(), language, store.zone(item.site || null));
  if (item.state === "to-verify") return <p class="strip">{t("correctionstate.to-verify")}</p>;
  if (said !== "" && item.grade === "minor") return <p class="strip said">{t("strip.said", { cause: t(`cause.${said}`) })}</p>;
  const choose = (cause: Cause) => {
    if (cause === "other") {
      location.hash = correctionHref(item.about);
      return;
    }
    setSaid(cause);
    note(item, cause);
    void tap(whoIsHere(), t(`cause.${cause}`), item.about, cause, saidAt());
  };
  return (
    <div class={`strip g-${item.grade}${item.overdue ? " overdue" : ""}`}>
      {item.check_until && (
        <a class="ask" href={correctionHref(item.about)}>
          {t("strip.check", { time: time(item.check_until) })}
        </a>
      )}
      {item.grade !== "minor" && (
        <a class="ask" href={correctionHref(item.about)}>
          {t("strip.fill", { grade: t(`grade.${item.grade}`), time: time(item.due) })}
        </a>
      )}
      {item.grade === "minor" && (
        <>
          <span class="quiet-line">{t("strip.why")}</span>
          {!named && <Who onName={(name) => name.length > 1 && setNamed(true)} />}
          <span class="causes">
            {(all ? CAUSES : FIRST).map((cause) => (
              <button key={cause} type="button" class="plain" disabled={!named} onClick={() => choose(cause)}>
                {t(`cause.${cause}`)}
              </button>
            ))}
            {!all && (
              <button type="button" class="plain" onClick={() => setAll(true)}>
                {t("strip.more")}
              </button>
            )}
          </span>
        </>
      )}
      {item.overdue && <b class="late">{t("todo.overdue")}</b>}
    </div>
  );
}
