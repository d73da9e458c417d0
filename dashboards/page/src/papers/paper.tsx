// One paper: the form, what the data says beside it, signatures, the print. Works on what this device has, and on what
// the server has where there is a line.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { usePrefs } from "../prefs";
import { paperHref } from "../route";
import { signedDigest } from "./canonical";
import { begin } from "./begin";
import { correction, draftOf, newer, typed } from "./editing";
import { DeliveryForm } from "./deliveryform";
import { type Sheet, sheets } from "./keeping";
import { discardOf, enqueue, useWaiting } from "./line";
import { NoteForm } from "./noteform";
import { Waiting } from "./papers";
import { WithReason } from "./reason";
import { type Beside, type Paper, type PaperAnswer, type Role, ROLES, type Signature } from "./shapes";
import { type Given, Signing } from "./signing";

const COPIES = { "milk-note": ["station", "plant"], delivery: ["supplier", "shop"] } as const;

export function PaperPage({ id }: { id: string }) {
  const { t, language } = usePrefs();
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const latest = useRef<Sheet | null>(null); // what is written while something is being sent must not be lost
  const [known, setKnown] = useState(false); // to the server, or never seen on this device
  const [answer, setAnswer] = useState<PaperAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [nothing, setNothing] = useState(false);
  const parcels = useWaiting();
  const waits = parcels === null || parcels.some((parcel) => parcel.paper === id);

  useEffect(() => void sheets.get(id).then((found) => ((latest.current = found ?? null), setSheet(latest.current), setKnown(found?.sent !== false))), [id]);
  useEffect(() => {
    if (parcels?.some((parcel) => parcel.paper === id && parcel.what === "entries")) setKnown(true);
  }, [id, parcels]);
  useEffect(() => {
    if (waits || !known) return;
    api.paper(id).then(
      (found) => (setAnswer(found), setProblem(null)),
      (fault: unknown) => setProblem(fault instanceof Error ? fault.message : String(fault)),
    );
  }, [id, waits, known]);

  const paper = newer(sheet?.paper, answer?.content);
  const given = useGiven(paper, sheet?.signatures ?? [], answer);
  const beside = useMemo(() => new Map<string, Beside>((answer?.beside ?? []).map((one) => [one.field, one])), [answer]);
  if (paper === null) return <p class="quiet">{problem === null ? t("loading") : t("error.load", { detail: problem })}</p>;

  const roles = ROLES[paper.put];
  const complete = answer?.state === "complete" || roles.every((role) => given.some((one) => one.role === role && one.counts));
  const voided = answer?.voided?.why ?? sheet?.voided ?? null;
  const told = known || sheet?.sent === true; // others may know of it
  const locked = complete || voided !== null;
  const keep = (change: Partial<Sheet>) => {
    const kept = { id, sent: known, signatures: [], ...latest.current, paper: latest.current?.paper ?? paper, ...change };
    latest.current = kept;
    setSheet(kept);
    return sheets.put(kept);
  };
  const send = async (who: string, signatures: Signature[] = []) => {
    const why = latest.current?.why;
    await enqueue({ what: "entries", paper: id, madeMs: Date.now(), who, ...(why ? { why } : {}), entries: [paper, ...signatures] });
    await keep({ signatures: [...(latest.current?.signatures ?? []), ...signatures], sent: true });
  };
  const sign = async (role: Role, name: string, phone: string, stroke: string) => {
    const content = await signedDigest(paper, role);
    const signature: Signature = {
      put: "paper-signature", paper: id, role, name, content, at_ms: Date.now(), stroke, phone, user: "", device: navigator.userAgent.slice(0, 200),
    };
    await send(name, [signature]);
  };
  const cancel = async (why: string, who: string) => {
    const nowMs = Date.now();
    await enqueue({ what: "entries", paper: id, madeMs: nowMs, who, why, entries: [{ put: "paper-void", paper: id, at_ms: nowMs }] });
    await keep({ voided: why });
  };
  const arrivedByData = async () => {
    const arrived = draftOf(paper, await api.drafts(paper.trip))?.arrived;
    if (arrived) void keep({ paper: typed<Paper>(paper, { arrived }, Date.now()) });
    setNothing(!arrived);
  };
  return (
    <div class="paper">
      <p>
        <a href="#/papers">{t("nav.papers")}</a>
      </p>
      <h1>{t(`papers.${paper.put}`)}</h1>
      <p class="paper-state">
        <code dir="ltr">{id}</code> <b>{t(complete ? "papers.complete" : voided !== null ? "papers.voided" : "papers.draft")}</b>
      </p>
      <Standing paper={paper} why={sheet?.why ?? answer?.why ?? ""} voided={voided} replacedBy={answer?.replaced_by ?? []} />
      <Waiting parcels={parcels?.filter((parcel) => parcel.paper === id) ?? null} />
      {paper.put === "milk-note" ? (
        <NoteForm note={paper} locked={locked} beside={beside} onChange={(changed) => void keep({ paper: changed })} />
      ) : (
        <DeliveryForm delivery={paper} locked={locked} beside={beside} missing={waits ? [] : (answer?.photos_missing ?? [])} onChange={(changed) => void keep({ paper: changed })} />
      )}
      {!locked && paper.trip !== "" && paper.arrived === null && (
        <p class="blanks">
          <button type="button" class="plain" onClick={() => void arrivedByData().catch(() => setNothing(true))}>
            {t("papers.arrived-by-data")}
          </button>
          {nothing && <span class="quiet-line">{t("papers.nothing-known")}</span>}
        </p>
      )}
      {!locked && (
        <button type="button" class="strong" onClick={() => void send(paper.driver || "–")}>
          {t("papers.save")}
        </button>
      )}
      <Signing paper={paper} roles={roles} given={given} locked={locked} onSign={(...said) => void sign(...said)} />
      {!locked && told && <WithReason label={t("papers.cancel-it")} explained={t("papers.cancel-it.explained")} named onSay={(...said) => void cancel(...said)} />}
      {!locked && !told && <ThrowAway id={id} />}
      {complete && !answer?.replaced_by.length && (
        <WithReason label={t("papers.correct")} explained={t("papers.correct.explained")} onSay={(why) => void begin(correction(paper), why)} />
      )}
      {answer !== null && (
        <p class="prints">
          {COPIES[paper.put].map((copy) => (
            <a key={copy} href={api.paperPdf(id, copy, language)} target="_blank" rel="noopener">
              PDF · {t(`copy.${copy}`)}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

/** A draft that nobody else knows of leaves no trace. */
function ThrowAway({ id }: { id: string }) {
  const { t } = usePrefs();
  const [sure, setSure] = useState(false);
  const throwAway = async () => {
    await discardOf(id);
    await sheets.drop(id);
    location.hash = "#/papers";
  };
  return (
    <button type="button" class="plain" onClick={() => (sure ? void throwAway() : setSure(true))}>
      {t(sure ? "papers.throw-away.sure" : "papers.throw-away")}
    </button>
  );
}

/** What a paper corrects, what corrected it, and why it was voided. */
function Standing({ paper, why, voided, replacedBy }: { paper: Paper; why: string; voided: string | null; replacedBy: readonly string[] }) {
  const { t } = usePrefs();
  return (
    <>
      {voided !== null && <p class="problem">{t("papers.voided-because", { why: voided })}</p>}
      {paper.replaces && (
        <p class="corrects">
          {t("papers.corrects")} <a href={paperHref(paper.replaces)}>{paper.replaces}</a> {why && t("papers.because", { why })}
        </p>
      )}
      {replacedBy.map((other) => (
        <p key={other} class="problem">
          {t("papers.wrong")} <a href={paperHref(other)}>{other}</a>
        </p>
      ))}
    </>
  );
}

/** Signatures of this device and of the server, each once, and whether each is of what is on the paper now. */
function useGiven(paper: Paper | null, own: readonly Signature[], answer: PaperAnswer | null): readonly Given[] {
  const [given, setGiven] = useState<readonly Given[]>([]);
  useEffect(() => {
    if (paper === null) return;
    let current = true;
    const theirs = (answer?.signatures ?? []).map((one) => ({ ...one, content: one.hash }));
    const all = [...theirs, ...own.filter((one) => !theirs.some((other) => other.stroke === one.stroke && other.role === one.role))];
    void Promise.all(
      all.map(async (one) => ({ role: one.role, name: one.name, stroke: one.stroke, counts: one.content === (await signedDigest(paper, one.role)) })),
    ).then((found) => current && setGiven(found));
    return () => void (current = false);
  }, [paper, own, answer]);
  return given;
}
