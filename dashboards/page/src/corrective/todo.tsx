// 待我处理: what waits for a decision, the oldest first: overdue, to verify (many at once), to measure, held lots, leads.

import { useState } from "preact/hooks";
import { api, postCorrections } from "../api";
import { postGoods } from "../goods/door";
import { moment } from "../format";
import { known } from "../messages";
import { useWaiting } from "../papers/line";
import { Waiting } from "../papers/papers";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { store, useStore } from "../store";
import { LeadForm, Leads } from "./leads";
import { saidAt } from "./saying";
import { type CorrectionShort, DECISIONS, type Decision, type Hold } from "./shapes";
import { correctionHref } from "./strip";
import { Who, whoIsHere } from "./who";

const AGAIN_MS = 10_000;

export function TodoPage() {
  const { t } = usePrefs();
  useStore();
  const [round, setRound] = useState(0);
  const [, setWho] = useState(whoIsHere()); // drawn again with another name
  const parcels = useWaiting();
  const key = `${round}/${parcels?.length ?? 0}`;
  const { value: list, error } = usePolled(() => api.corrections("todo"), AGAIN_MS, key);
  const { value: holds } = usePolled(api.holds, AGAIN_MS, key);
  const { value: leads } = usePolled(api.leads, AGAIN_MS, key);
  const again = () => setRound((before) => before + 1);
  const open = list?.items.filter((item) => item.state === "open") ?? [];
  const late = open.filter((item) => item.overdue);
  const checks = open.filter((item) => item.check_until !== null && !item.overdue);
  const rest = open.filter((item) => !item.overdue && item.check_until === null);
  const verify = list?.items.filter((item) => item.state === "to-verify") ?? [];
  return (
    <div class="todo">
      <h1>{t("nav.todo")}</h1>
      <Waiting parcels={parcels} />
      {error && <p class="problem">{t("error.load", { detail: error })}</p>}
      <div class="card form">
        <Who onName={setWho} />
      </div>
      <Section title={t("todo.overdue")} count={late.length} tone="alarm">
        <Items items={late} />
      </Section>
      <Verify items={verify} onDone={again} />
      <Section title={t("todo.lots")} count={holds?.length ?? 0}>
        {(holds ?? []).map((hold) => (
          <Held key={`${hold.lot}/${hold.hold}`} hold={hold} onDone={again} />
        ))}
      </Section>
      <Section title={t("todo.check")} count={checks.length}>
        <Items items={checks} />
      </Section>
      <Section title={t("todo.open")} count={rest.length}>
        <Items items={rest} />
      </Section>
      {list && holds && leads && list.items.length + holds.length + leads.length === 0 && <p class="quiet">{t("todo.none")}</p>}
      <Leads leads={leads ?? []} />
      <LeadForm />
    </div>
  );
}

function Section({ title, count, tone, children }: { title: string; count: number; tone?: string; children: preact.ComponentChildren }) {
  if (count === 0) return null;
  return (
    <section class={`todo-part ${tone ?? ""}`}>
      <h2>
        {title} <span class="number">{count}</span>
      </h2>
      <div class="todo-items">{children}</div>
    </section>
  );
}

function Items({ items }: { items: readonly CorrectionShort[] }) {
  return (
    <>
      {items.map((item) => (
        <Item key={item.about} item={item} />
      ))}
    </>
  );
}

function Item({ item }: { item: CorrectionShort }) {
  const { t, language } = usePrefs();
  const { registry } = store;
  const time = (text: string) => moment(Date.parse(text), store.nowMs(), language, store.zone(item.site || null));
  return (
    <a class={`card todo-item${item.overdue ? " overdue" : ""}`} href={correctionHref(item.about)}>
      <span>
        <span class={`grade g-${item.grade}`}>{t(`grade.${item.grade}`)}</span> <b dir="auto">{registry?.assets.get(item.asset)?.name ?? (item.asset || item.about)}</b>{" "}
        <span dir="auto">{registry?.sites.get(item.site)?.name ?? item.site}</span>
      </span>
      <span>
        {known(t, "rulename", item.rule)}
        {item.cause && ` · ${t(`cause.${item.cause}`)}`}
        {item.responsible && ` · ${item.responsible}`}
      </span>
      <span class="quiet-line">
        {t("todo.since", { time: time(item.begun) })} · {item.check_until ? t("strip.check", { time: time(item.check_until) }) : t("todo.due", { time: time(item.due) })}
      </span>
    </a>
  );
}

/** Many at once: each word that is verified is the one that stands when the button is pressed. */
function Verify({ items, onDone }: { items: readonly CorrectionShort[]; onDone: () => void }) {
  const { t } = usePrefs();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<string | null>(null);
  const wanted = items.filter((item) => chosen.has(item.about));
  const flip = (about: string) => setChosen((before) => new Set(before.has(about) ? [...before].filter((one) => one !== about) : [...before, about]));
  const send = async () => {
    try {
      const whole = await Promise.all(wanted.map((item) => api.correction(item.about)));
      const nowMs = saidAt();
      const entries = whole.map((item) => ({ put: "correction-verified", about: item.about, correction: item.correction?.id ?? "", at_ms: nowMs, accepted: true }) as const);
      const told = await postCorrections({ who: whoIsHere(), why: t("correction.verify"), entries });
      setProblem(told.detail || null);
      if (!told.detail) setChosen(new Set());
      onDone();
    } catch (fault) {
      setProblem(fault instanceof Error ? fault.message : String(fault));
    }
  };
  return (
    <Section title={t("correctionstate.to-verify")} count={items.length}>
      {items.map((item) => (
        <div class="chosen" key={item.about}>
          <input type="checkbox" aria-label={t("todo.choose", { id: item.about })} checked={chosen.has(item.about)} onChange={() => flip(item.about)} />
          <Item item={item} />
        </div>
      ))}
      <p class="blanks">
        <button type="button" class="plain" onClick={() => setChosen(new Set(items.map((item) => item.about)))}>
          {t("todo.all")}
        </button>
        <button type="button" class="strong" disabled={wanted.length === 0 || !whoIsHere()} onClick={() => void send()}>
          {t("todo.verify", { n: wanted.length })}
        </button>
      </p>
      {problem && <p class="problem">{problem}</p>}
    </Section>
  );
}

/** A lot that is held: 放行, 降级, 报损, 销毁 by a second person. */
function Held({ hold, onDone }: { hold: Hold; onDone: () => void }) {
  const { t, language } = usePrefs();
  const [problem, setProblem] = useState<string | null>(null);
  const decide = async (decision: Decision) => {
    const entries = [{ put: "lot-release" as const, hold: hold.hold, lot: hold.lot, decision, at_ms: saidAt() }];
    try {
      const told = await postGoods({ who: whoIsHere(), why: t(`decision.${decision}`), entries });
      const refused = told.status >= 300;
      setProblem(refused ? told.detail : null);
      if (!refused) onDone();
    } catch (fault) {
      setProblem(fault instanceof Error ? fault.message : String(fault));
    }
  };
  return (
    <div class="card todo-item">
      <span>
        <b dir="auto">{hold.lot}</b> <span class="quiet-line">{hold.place}</span>
      </span>
      <span>{hold.why}</span>
      <span class="quiet-line">
        {moment(Date.parse(hold.at), store.nowMs(), language, store.zone())} · {hold.who}
      </span>
      <span class="causes">
        {DECISIONS.map((decision) => (
          <button key={decision} type="button" class="plain" disabled={!whoIsHere()} onClick={() => void decide(decision)}>
            {t(`decision.${decision}`)}
          </button>
        ))}
      </span>
      {problem && <p class="problem">{problem}</p>}
    </div>
  );
}
