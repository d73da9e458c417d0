// One corrective action: how warm the goods are, what was done, who looked at it again, and everything that was said.

import { useEffect, useState } from "preact/hooks";
import { api, postCorrections } from "../api";
import { celsius as degrees, moment } from "../format";
import { known } from "../messages";
import { numberOf } from "../papers/editing";
import { useWaiting } from "../papers/line";
import { Waiting } from "../papers/papers";
import { Photos } from "../papers/photos";
import type { Photo } from "../papers/shapes";
import { usePrefs } from "../prefs";
import { assetHref } from "../route";
import { store, useStore } from "../store";
import { blankCorrection, fresh, isOwn, lacking } from "./needed";
import { saidAt, tell } from "./saying";
import { type AlarmLot, CAUSES, type Correction, type CorrectionWhole, DISPOSITIONS, type Measured, type Said } from "./shapes";
import { Who, whoIsHere } from "./who";
import { Until, Words } from "./words";

export function CorrectionPage({ id }: { id: string }) {
  const { t, language } = usePrefs();
  const { registry } = useStore();
  const [item, setItem] = useState<CorrectionWhole | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [who, setWho] = useState(whoIsHere());
  const parcels = useWaiting();
  const mine = parcels?.filter((parcel) => parcel.paper === id) ?? [];

  useEffect(() => {
    api.correction(id).then(
      (found) => (setItem(found), setProblem(null)),
      (fault: unknown) => setProblem(fault instanceof Error ? fault.message : String(fault)),
    );
  }, [id, parcels?.length]);

  if (!item) return problem ? <p class="problem">{t("error.load", { detail: problem })}</p> : <p class="quiet">{t("loading")}</p>;
  const time = (text: string) => moment(Date.parse(text), store.nowMs(), language, store.zone(item.site || null));
  const place = [registry?.assets.get(item.asset)?.name ?? item.asset, registry?.sites.get(item.site)?.name ?? item.site].filter(Boolean).join(" · ");
  return (
    <div class="correction">
      <h1>
        <span class={`grade g-${item.grade}`}>{t(`grade.${item.grade}`)}</span> {item.asset ? <a href={assetHref(item.asset)}>{place}</a> : place}
      </h1>
      <p class="quiet-line">
        {known(t, "rulename", item.rule)} · {time(item.begun)} · <b>{t(`correctionstate.${item.state}`)}</b>
        {item.state === "open" && ` · ${t("todo.due", { time: time(item.due) })}`}
        {item.overdue && <b class="late"> {t("todo.overdue")}</b>}
      </p>
      <Waiting parcels={mine} />
      {item.state !== "void" && (
        <div class="card form">
          <Who onName={setWho} />
        </div>
      )}
      {item.asset && item.state === "open" && <Measuring item={item} who={who} onSaid={() => void api.correction(id).then(setItem)} />}
      {item.state === "open" && <Saying key={item.correction?.id ?? ""} item={item} who={who} />}
      {item.state === "to-verify" && <Verifying item={item} who={who} />}
      <History said={item.history} time={time} />
    </div>
  );
}

function Measuring({ item, who, onSaid }: { item: CorrectionWhole; who: string; onSaid: () => void }) {
  const { t, language } = usePrefs();
  const [text, setText] = useState("");
  const [instrument, setInstrument] = useState("");
  const [lots, setLots] = useState<readonly AlarmLot[]>([]);
  const [answer, setAnswer] = useState<Measured | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => void api.alarmLots(item.about).then(setLots, () => setLots([])), [item.about]);
  const celsius = numberOf(text);
  const send = async () => {
    if (celsius === null) return;
    const nowMs = saidAt();
    const entry = { put: "core-temperature", id: fresh("t", nowMs), about: item.about, asset: item.asset, celsius, at_ms: nowMs, instrument } as const;
    try {
      const told = await postCorrections({ who: who, why: t("measure.title"), entries: [entry] });
      setAnswer(told.measured[0] ?? null);
      setProblem(told.detail || null);
      onSaid();
    } catch {
      await tell(who, t("measure.title"), item.about, [entry], nowMs);
    }
    setText("");
  };
  return (
    <section class="card measuring">
      <h2>{t("measure.title")}</h2>
      {item.check_until && <p>{t("measure.asked", { time: moment(Date.parse(item.check_until), store.nowMs(), language, store.zone(item.site)) })}</p>}
      {item.core_celsius !== null && <p class="quiet-line">{t("measure.before", { celsius: degrees(item.core_celsius) })}</p>}
      {lots.length > 0 && (
        <p class="quiet-line">
          {t(item.check_until ? "measure.to-check" : "measure.lots")} {lots.map((lot) => (lot.presumed ? t("measure.presumed", { lot: nameOf(lot) }) : nameOf(lot))).join("、")}
        </p>
      )}
      <div class="form">
        <label class="field">
          <span class="field-name">{t("measure.celsius")}</span>
          <span class="with-button">
            <input type="text" inputMode="decimal" value={text} onInput={(event) => setText(event.currentTarget.value)} />
            <button type="button" class="strong" disabled={celsius === null || !who} onClick={() => void send()}>
              {t("measure.send")}
            </button>
          </span>
        </label>
        <Words label={t("papers.thermometer")} value={instrument} onText={setInstrument} />
      </div>
      {answer && (
        <p class={`verdict ${answer.decided}`} role="status">
          {language === "zh" ? answer.words_zh : answer.words_en}
          {answer.lots.length > 0 && ` (${answer.lots.join(", ")})`}
        </p>
      )}
      {problem && <p class="problem">{problem}</p>}
    </section>
  );
}

const nameOf = (lot: AlarmLot): string => lot.number || lot.id;

function Saying({ item, who }: { item: CorrectionWhole; who: string }) {
  const { t } = usePrefs();
  const [said, setSaid] = useState<Correction>(item.correction ?? blankCorrection(item.about));
  const put = (change: Partial<Correction>) => setSaid((before) => ({ ...before, ...change }));
  const missing = lacking(item.grade, said);
  const sentBack = item.history.filter((one) => one.entry.put === "correction-verified" && one.refused === "").at(-1);
  const send = (done: boolean) => {
    const nowMs = saidAt();
    void tell(who, said.action || t("nav.todo"), item.about, [{ ...said, id: fresh("c", nowMs), at_ms: nowMs, done }], nowMs);
  };
  return (
    <section class="card form">
      <h2>{t("correction.title")}</h2>
      {sentBack?.entry.accepted === false && <p class="problem">{t("correction.sent-back", { who: sentBack.who, why: sentBack.why })}</p>}
      <fieldset class="field choice wide">
        <legend class="field-name">{t("field.cause")}</legend>
        <span class="causes">
          {CAUSES.map((cause) => (
            <button key={cause} type="button" class="plain" aria-pressed={said.cause === cause} onClick={() => put({ cause })}>
              {t(`cause.${cause}`)}
            </button>
          ))}
        </span>
      </fieldset>
      <Words label={t("field.action")} value={said.action} onText={(action) => put({ action })} />
      <div class="field">
        <span class="field-name">{t("field.photos")}</span>
        <Photos photos={said.photos} paper={item.about} locked={false} missing={[]} onPhotos={(photos) => put({ photos })} />
      </div>
      {item.grade === "severe" && (
        <>
          <Words label={t("field.responsible")} value={said.responsible} onText={(responsible) => put({ responsible })} />
          <Until label={t("field.due_ms")} value={said.due_ms} onMoment={(due_ms) => put({ due_ms })} />
          <fieldset class="field choice wide">
            <legend class="field-name">{t("field.disposition")}</legend>
            <span class="causes">
              {DISPOSITIONS.map((word) => (
                <button key={word} type="button" class="plain" aria-pressed={said.disposition === word} onClick={() => put({ disposition: word })}>
                  {t(`disposition.${word}`)}
                </button>
              ))}
            </span>
          </fieldset>
          <Words label={t("field.evidence")} value={said.evidence} onText={(evidence) => put({ evidence })} />
        </>
      )}
      {missing.length > 0 && <p class="quiet-line wide">{t("papers.lacking", { fields: missing.map((name) => known(t, "field", name)).join(", ") })}</p>}
      <p class="blanks wide">
        <button type="button" class="strong" disabled={missing.length > 0 || !who} onClick={() => send(true)}>
          {t(item.grade === "severe" ? "correction.done.verify" : "correction.done")}
        </button>
        {item.grade === "severe" && (
          <button type="button" class="plain" disabled={!who} onClick={() => send(false)}>
            {t("correction.going-on")}
          </button>
        )}
      </p>
    </section>
  );
}

function Verifying({ item, who }: { item: CorrectionWhole; who: string }) {
  const { t } = usePrefs();
  const [why, setWhy] = useState("");
  const own = isOwn(who, item);
  const verify = (accepted: boolean) => {
    const nowMs = saidAt();
    const entry = { put: "correction-verified", about: item.about, correction: item.correction?.id ?? "", at_ms: nowMs, accepted } as const;
    void tell(who, why || t("correction.verify"), item.about, [entry], nowMs);
  };
  return (
    <section class="card form">
      <h2>{t("correction.verify")}</h2>
      <p class={own ? "problem wide" : "quiet-line wide"}>{t("correction.second")}</p>
      <Words label={t("correction.why")} value={why} onText={setWhy} />
      <p class="blanks wide">
        <button type="button" class="strong" disabled={!who || own} onClick={() => verify(true)}>
          {t("correction.accept")}
        </button>
        <button type="button" class="plain" disabled={!who || own || !why} onClick={() => verify(false)}>
          {t("correction.send-back")}
        </button>
      </p>
    </section>
  );
}

function History({ said, time }: { said: readonly Said[]; time: (text: string) => string }) {
  const { t, language } = usePrefs();
  if (said.length === 0) return null;
  return (
    <section class="card">
      <h2>{t("correction.history")}</h2>
      <ol class="said">
        {said.map((one) => (
          <li key={one.position}>
            <span class="quiet-line">
              {time(one.received_at)} · <b>{one.who}</b> · {known(t, "said", one.entry.put)}
            </span>
            <span>{facts(one, t)}</span>
            <Pictures photos={one.entry.photos} />
            {one.refused && <span class="problem">{language === "zh" ? one.refused_zh : one.refused_en}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The pictures of an entry: who verifies from afar has nothing else. */
function Pictures({ photos }: { photos: unknown }) {
  const { t } = usePrefs();
  if (!Array.isArray(photos) || photos.length === 0) return null;
  return (
    <span class="pictures">
      {(photos as Photo[]).map((photo) => (
        <a key={photo.sha256} href={api.photo(photo.sha256)} target="_blank" rel="noreferrer">
          <img src={api.photo(photo.sha256)} alt={t("field.photos")} loading="lazy" />
        </a>
      ))}
    </span>
  );
}

/** What one entry said, in words. */
function facts(one: Said, t: ReturnType<typeof usePrefs>["t"]): string {
  const { entry } = one;
  const text = (name: string) => (typeof entry[name] === "string" ? (entry[name] as string) : "");
  const parts = [
    text("cause") && known(t, "cause", text("cause")),
    text("action"),
    text("responsible"),
    text("disposition") && known(t, "disposition", text("disposition")),
    text("evidence"),
    text("conclusion") || text("what"),
    typeof entry.celsius === "number" && `${degrees(entry.celsius)} ${t("celsius")}`,
    Array.isArray(entry.photos) && entry.photos.length > 0 && t("correction.photos", { n: entry.photos.length }),
    entry.accepted === true && t("correction.accept"),
    entry.accepted === false && t("correction.sent-back", { who: one.who, why: one.why }),
  ];
  return parts.filter(Boolean).join(" · ");
}

