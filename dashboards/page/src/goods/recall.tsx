// One recall or drill: its clock, how far it is, the task of each site, its forms, its end.

import { useState } from "preact/hooks";
import { duration } from "../format";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { useStore } from "../store";
import { lotHref, stopSaleHref } from "./addresses";
import { goods } from "./door";
import { PlanForm } from "./planform";
import { Clock } from "./recalls";
import { ITEMS, type Recall, type RecallTask } from "./shapes";
import { Signed } from "./signed";
import { amount } from "./telling";
import { at } from "./words";
import "../style/papers.css";
import "../style/goods.css";

const REFRESH_MS = 10_000;
const FORMS = ["notice", "plan", "progress", "closing"] as const;

export function RecallPage({ id }: { id: string }) {
  const { t, language } = usePrefs();
  useStore();
  const { value: recall, error, again } = usePolled(() => goods.recall(id), REFRESH_MS, id);
  const { value: forms, again: drawn } = usePolled(() => goods.forms(id, language), 6 * REFRESH_MS, `${id} ${language}`);
  const [doing, setDoing] = useState<"end" | "write" | null>(null);
  if (recall === null) return <p class="quiet">{error ? t("error.load", { detail: error }) : t("loading")}</p>;
  return (
    <div class={`goods recall-page${recall.drill ? " drill" : ""}`}>
      {recall.drill && <DrillStamp />}
      <Head recall={recall} />
      <Numbers recall={recall} />
      <section aria-labelledby="tasks">
        <h2 id="tasks">{t("recall.tasks", { n: recall.tasks.length })}</h2>
        <ol class="lot-list">
          {[...recall.tasks].sort(byNeed).map((task) => (
            <Task key={task.site} recall={recall} task={task} />
          ))}
        </ol>
      </section>
      <section class="card" aria-labelledby="forms">
        <h2 id="forms">{t("recall.forms")}</h2>
        <p class="prints">
          {FORMS.map((form) => (
            <a key={form} href={goods.formOf(id, form, language)}>
              {t(`recallform.${form}`)}
            </a>
          ))}
          <a href={goods.sitesOf(id, language)}>CSV · {t("recall.sites")}</a>
        </p>
        {forms && (
          <>
            <details>
              <summary>{t("recallform.notice")}</summary>
              <pre>{forms.consumer_notice}</pre>
            </details>
            <details>
              <summary>{t("recallform.plan")}</summary>
              <dl class="plan">
                {ITEMS.map((item) => (
                  <>
                    <dt>{t(`recallplan.${item}`)}</dt>
                    <dd>{forms.plan[item]}</dd>
                  </>
                ))}
              </dl>
            </details>
          </>
        )}
      </section>
      {recall.closing && (
        <section class="card" aria-labelledby="closing">
          <h2 id="closing">{t("recall.ended", { time: at(recall.closing.ended, language) })}</h2>
          <p>{recall.closing.report}</p>
          <p class="quiet-line">{recall.closing.who}</p>
        </section>
      )}
      {!recall.closing && doing === null && (
        <p class="blanks">
          <button type="button" class="plain" onClick={() => setDoing("write")}>
            {t("recall.write")}
          </button>
          <button type="button" class="plain" onClick={() => setDoing("end")}>
            {t("recall.end")}
          </button>
        </p>
      )}
      {!recall.closing && doing === "write" && <PlanForm recall={recall} onDone={() => (setDoing(null), again(), drawn())} onCancel={() => setDoing(null)} />}
      {!recall.closing && doing === "end" && (
        <Signed
          title={t("recall.end")}
          does={t("recall.end")}
          reason={t("recall.report")}
         
          entries={(atMs, report) => [{ put: "recall-end", recall: id, at_ms: atMs, report }]}
          onDone={() => (setDoing(null), again())}
          onCancel={() => setDoing(null)}
        >
          <p class="quiet-line">{t("recall.end.preview", { open: recall.progress.sites - recall.progress.stopped })}</p>
        </Signed>
      )}
    </div>
  );
}

/** Who has to be called comes first: not stopped, the more urgent, those who have not even read it. */
function byNeed(a: RecallTask, b: RecallTask): number {
  return (b.escalation ?? -1) - (a.escalation ?? -1) || a.steps.length - b.steps.length || a.site_name.localeCompare(b.site_name);
}

/** How much of what should be there that is. */
function shareOf(quantity: number, planned: number | null): string {
  return planned ? ` (${Math.round((quantity / planned) * 100)}%)` : "";
}

/** Nobody may take a drill for a recall. */
export function DrillStamp() {
  const { t } = usePrefs();
  return (
    <p class="drill-stamp" role="note">
      {t("recall.drill.stamp")}
    </p>
  );
}

function Head({ recall }: { recall: Recall }) {
  const { t, language } = usePrefs();
  return (
    <div class="goods-title">
      <p class="crumb">
        <a href="#/recalls">{t("nav.recalls")}</a> / <bdi>{recall.id}</bdi>
      </p>
      <h1>
        {t(recall.drill ? "recall.drill" : "recall.real")} · {t(`recall.level.${recall.level}`)}
      </h1>
      <p class="recall-clock">
        {recall.closing ? t("recall.ended", { time: at(recall.closing.ended, language) }) : <Clock due={recall.due} />}{" "}
        <span class="muted">
          {t("recall.decided", { time: at(recall.decided, language), who: recall.who })} · {t("recall.due", { time: at(recall.due, language) })}
        </span>
      </p>
      <p dir="auto">{recall.why}</p>
      <p class="recall-lots">
        {recall.lots.map((lot) => (
          <a key={lot} href={lotHref(lot)}>
            {lot}
          </a>
        ))}
      </p>
    </div>
  );
}

function Numbers({ recall }: { recall: Recall }) {
  const { t } = usePrefs();
  const { progress } = recall;
  const steps = [["notified", progress.notified, null], ["stopped", progress.stopped, progress.stopped_quantity], ["recovered", progress.recovered, progress.recovered_quantity]] as const;
  return (
    <section class="card" aria-labelledby="progress">
      <h2 id="progress">{t("recall.progress")}</h2>
      <ul class="recall-numbers">
        {steps.map(([step, number, quantity]) => (
          <li key={step}>
            <label>
              {t(`recallstep.${step}`)} <b>{number}</b> / {progress.sites}
              <progress max={Math.max(1, progress.sites)} value={number} />
            </label>
            {quantity !== null && <small class="muted">{amount(quantity, progress.unit, t)}</small>}
          </li>
        ))}
      </ul>
      <p class="muted">
        {t("recall.planned", { quantity: amount(progress.planned_quantity, progress.unit, t) })}
        {progress.share !== null && ` · ${t("recall.share", { percent: (progress.share * 100).toFixed(1) })}`}
        {progress.took_s !== null && ` · ${t("recall.took", { duration: duration(progress.took_s, t) })}`}
      </p>
      {progress.overdue > 0 && <p class="bad">{t("recall.overdue", { n: progress.overdue })}</p>}
    </section>
  );
}

function Task({ recall, task }: { recall: Recall; task: RecallTask }) {
  const { t, language } = usePrefs();
  const last = task.steps.at(-1);
  const unit = recall.progress.unit;
  return (
    <li class={`lot-item task-item${task.escalation === null ? "" : task.escalation > 0 ? " recalled" : " held"}`}>
      <span class="lot-name">
        <b dir="auto">{task.site_name}</b>
        <small class="muted">
          {task.operator_name} {task.phone && <a href={`tel:${task.phone}`}>{task.phone}</a>}
        </small>
      </span>
      <span>
        <small class="lot-label">{t("recall.there")} </small>
        {amount(task.planned_quantity, unit, t)}
      </span>
      <span>
        <b class={`step s-${last?.step ?? "none"}`}>{last ? t(`recallstep.${last.step}`) : t("recallstep.none")}</b>
        {task.left_s !== null && !recall.ended && <Clock due={task.due} />}
        {task.escalation !== null && <small class="muted">{language === "zh" ? task.escalate_zh : task.escalate_en}</small>}
      </span>
      <span class="task-steps">
        {task.steps.map((step) => (
          <small key={step.step}>
            {t(`recallstep.${step.step}`)} {at(step.at, language, task.site)} · {step.who}
            {step.quantity !== null && ` · ${amount(step.quantity, unit, t)}${shareOf(step.quantity, task.planned_quantity)}`}
            {step.photo && (
              <>
                {" · "}
                <a href={goods.photo(step.photo)} target="_blank" rel="noopener">
                  {t("recall.photo")}
                </a>
              </>
            )}
          </small>
        ))}
      </span>
      <span>
        {!recall.ended && (
          <a class="plain-link" href={stopSaleHref(recall.id, task.site)}>
            {t("stop.open")}
          </a>
        )}
      </span>
    </li>
  );
}
