// One paper: the form, what the data says beside it, signatures, the print. Works on what this device has, and on what
// the server has where there is a line.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { usePrefs } from "../prefs";
import { signedDigest } from "./canonical";
import { draftOf, newer, typed } from "./editing";
import { DeliveryForm } from "./deliveryform";
import { type Sheet, sheets } from "./keeping";
import { enqueue, useWaiting } from "./line";
import { NoteForm } from "./noteform";
import { Waiting } from "./papers";
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
  const locked = complete || answer?.state === "voided";
  const keep = (change: Partial<Sheet>) => {
    const kept = { id, sent: known, signatures: [], ...latest.current, paper: latest.current?.paper ?? paper, ...change };
    latest.current = kept;
    setSheet(kept);
    return sheets.put(kept);
  };
  const send = async (who: string, signatures: Signature[] = []) => {
    await enqueue({ what: "entries", paper: id, madeMs: Date.now(), who, entries: [paper, ...signatures] });
    await keep({ signatures: [...(latest.current?.signatures ?? []), ...signatures], sent: true });
  };
  const sign = async (role: Role, name: string, phone: string, stroke: string) => {
    const content = await signedDigest(paper, role);
    const signature: Signature = {
      put: "paper-signature", paper: id, role, name, content, at_ms: Date.now(), stroke, phone, user: "", device: navigator.userAgent.slice(0, 200),
    };
    await send(name, [signature]);
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
        <code dir="ltr">{id}</code> <b>{t(complete ? "papers.complete" : answer?.state === "voided" ? "papers.voided" : "papers.draft")}</b>
      </p>
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
