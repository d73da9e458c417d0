// Leads: 随手报 by anybody, and what an open lead comes to.

import { useState } from "preact/hooks";
import { moment } from "../format";
import { known } from "../messages";
import { Photos } from "../papers/photos";
import type { Photo } from "../papers/shapes";
import { usePrefs } from "../prefs";
import { store } from "../store";
import { fresh } from "./needed";
import { saidAt, tell } from "./saying";
import type { Lead, Matter } from "./shapes";
import { whoIsHere } from "./who";
import { Words } from "./words";

export function Leads({ leads }: { leads: readonly Matter[] }) {
  const { t } = usePrefs();
  if (leads.length === 0) return null;
  return (
    <section class="todo-part">
      <h2>
        {t("lead.title")} <span class="number">{leads.length}</span>
      </h2>
      <div class="todo-items">
        {leads.map((lead) => (
          <Open key={lead.id} lead={lead} />
        ))}
      </div>
    </section>
  );
}

function Open({ lead }: { lead: Matter }) {
  const { t, language } = usePrefs();
  const [conclusion, setConclusion] = useState("");
  const end = (ends: Lead["ends"]) => void tell(whoIsHere(), conclusion, `lead:${lead.id}`, [{ ...lead.content, put: "lead", conclusion, ends }], saidAt());
  return (
    <div class="card todo-item">
      <b>{lead.content.what}</b>
      <span class="quiet-line">
        {known(t, "source", lead.source)} · {moment(Date.parse(lead.at), store.nowMs(), language, store.zone(lead.site || null))} · {lead.who}
      </span>
      <Words label={t("lead.conclusion")} value={conclusion} onText={setConclusion} />
      <p class="blanks">
        <button type="button" class="strong" disabled={!conclusion || !whoIsHere()} onClick={() => end("correction")}>
          {t("lead.correct")}
        </button>
        <button type="button" class="plain" disabled={!conclusion || !whoIsHere()} onClick={() => end("unfounded")}>
          {t("lead.unfounded")}
        </button>
      </p>
    </div>
  );
}

/** 随手报: words, a picture, with or without a name. */
export function LeadForm() {
  const { t } = usePrefs();
  const [id, setId] = useState(() => fresh("l", saidAt()));
  const [what, setWhat] = useState("");
  const [photos, setPhotos] = useState<Photo[]>([]);
  const [sent, setSent] = useState(false);
  const send = (who: string) => {
    const nowMs = saidAt();
    const lead: Lead = { put: "lead", id, source: "employee", what, at_ms: nowMs, site: "", asset: "", lots: [], photos, due_ms: null, conclusion: "", ends: "", grade: "serious", recall: "" };
    void tell(who, t("lead.report"), `lead:${id}`, [lead], nowMs);
    setId(fresh("l", nowMs));
    setWhat("");
    setPhotos([]);
    setSent(true);
  };
  return (
    <section class="card form lead-form">
      <h2>{t("lead.report")}</h2>
      <Words label={t("lead.what")} value={what} onText={(text) => (setWhat(text), setSent(false))} />
      <Photos photos={photos} paper={`lead:${id}`} locked={false} missing={[]} onPhotos={setPhotos} />
      <p class="blanks wide">
        <button type="button" class="strong" disabled={!what || !whoIsHere()} onClick={() => send(whoIsHere())}>
          {t("lead.send")}
        </button>
        <button type="button" class="plain" disabled={!what} onClick={() => send(t("lead.nobody"))}>
          {t("lead.anonymous")}
        </button>
        {sent && <span role="status">{t("lead.thanks")}</span>}
      </p>
    </section>
  );
}
