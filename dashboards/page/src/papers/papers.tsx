// Papers: drawing up a new one, those in work on this device, what waits to be sent, and the newest of the server.

import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { moment } from "../format";
import { usePrefs } from "../prefs";
import { paperHref } from "../route";
import { useStore } from "../store";
import { begin } from "./begin";
import { blank, wayOf } from "./editing";
import { type Sheet, sheets } from "./keeping";
import { discard, useWaiting } from "./line";
import type { Parcel } from "./outbox";
import type { Draft, Kind, PaperShort } from "./shapes";
import { TripChoice } from "./tripchoice";

const KINDS: readonly Kind[] = ["delivery", "milk-note"];

export function PapersPage({ query }: { query: URLSearchParams }) {
  const { t, language } = usePrefs();
  const store = useStore();
  const [own, setOwn] = useState<readonly Sheet[]>([]);
  const [items, setItems] = useState<readonly PaperShort[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const parcels = useWaiting();

  useEffect(() => void sheets.all().then(setOwn), []);
  useEffect(() => {
    api.papers().then(
      (found) => (setItems(found), setProblem(null)),
      (fault: unknown) => setProblem(fault instanceof Error ? fault.message : String(fault)),
    );
  }, [parcels?.length]);

  const known = new Set(items?.map((item) => item.id));
  return (
    <div class="papers">
      <h1>{t("nav.papers")}</h1>
      <Waiting parcels={parcels} />
      <NewPaper trip={query.get("trip") ?? ""} />
      <ul class="paper-list">
        {own
          .filter((sheet) => !known.has(sheet.id))
          .map((sheet) => (
            <li key={sheet.id} class="card">
              <a href={paperHref(sheet.id)}>
                <b>{t(`papers.${sheet.paper.put}`)}</b> {wayOf(sheet.paper)}
              </a>
              <span class="quiet-line">{t(sheet.voided ? "papers.voided" : "papers.here")}</span>
            </li>
          ))}
        {items?.map((item) => (
          <li key={item.id} class="card">
            <a href={paperHref(item.id)}>
              <b>{t(`papers.${item.kind}`)}</b> {[item.sender, item.receiver].filter(Boolean).join(" → ")}
            </a>
            <span class="quiet-line">
              {moment(Date.parse(item.when), store.nowMs(), language, store.zone())} · {t(`papers.${item.state}`)}
              {item.missing.length > 0 && item.state === "draft" && ` · ${t("papers.unsigned", { roles: item.missing.map((role) => t(`role.${role}`)).join(", ") })}`}
              {item.replaced_by.length > 0 && ` · ${t("papers.corrected", { id: item.replaced_by.join(", ") })}`}
            </span>
          </li>
        ))}
      </ul>
      {problem && <p class="problem">{t("error.load", { detail: problem })}</p>}
      {items?.length === 0 && own.length === 0 && <p class="quiet">{t("papers.none")}</p>}
    </div>
  );
}

function NewPaper({ trip: asked }: { trip: string }) {
  const { t } = usePrefs();
  const [drafts, setDrafts] = useState<readonly Draft[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const look = (trip: string) =>
    api.drafts(trip).then(
      (found) => (setDrafts(found), setProblem(null)),
      (fault: unknown) => (setDrafts(null), setProblem(fault instanceof Error ? fault.message : String(fault))),
    );
  useEffect(() => {
    if (asked) void look(asked);
  }, [asked]);
  return (
    <section class="card new-paper">
      <TripChoice asked={asked} onTrip={(trip) => void look(trip)} />
      {problem && <p class="problem">{t("error.load", { detail: problem })}</p>}
      {drafts?.length === 0 && <p class="quiet-line">{t("papers.no-drafts")}</p>}
      <ul class="drafts">
        {drafts?.map((draft) => (
          <li key={draft.stop}>
            <button type="button" class="strong" onClick={() => void begin(draft.content)}>
              {t(`papers.${draft.content.put}`)}: {wayOf(draft.content)}
            </button>
            {draft.existing.map((id) => (
              <a key={id} href={paperHref(id)}>
                {t("papers.existing")}
              </a>
            ))}
          </li>
        ))}
      </ul>
      <p class="blanks">
        {KINDS.map((kind) => (
          <button key={kind} type="button" class="plain" onClick={() => void begin(blank(kind, Date.now()))}>
            {t("papers.blank", { kind: t(`papers.${kind}`) })}
          </button>
        ))}
      </p>
    </section>
  );
}

/** What waits to be sent, and what the server refused with its reason. */
export function Waiting({ parcels }: { parcels: readonly Parcel[] | null }) {
  const { t } = usePrefs();
  if (!parcels?.length) return null;
  return (
    <div class="waiting-parcels" role="status">
      <p>{t("papers.waiting", { n: parcels.length })}</p>
      {parcels
        .filter((parcel) => parcel.fault !== undefined)
        .map((parcel) => (
          <p key={parcel.key} class="problem">
            {t("papers.not-taken", { detail: parcel.fault ?? "" })}{" "}
            <button type="button" class="plain" onClick={() => void discard(parcel.key as number)}>
              {t("papers.discard")}
            </button>
          </p>
        ))}
    </div>
  );
}
