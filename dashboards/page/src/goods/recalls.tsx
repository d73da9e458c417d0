// Recalls and drills: those that run first, each with its clock.

import { duration } from "../format";
import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { store, useStore } from "../store";
import { recallHref } from "./addresses";
import { goods } from "./door";
import type { RecallShort } from "./shapes";
import { Tabs } from "./tabs";
import { at } from "./words";
import "../style/papers.css";
import "../style/goods.css";

const REFRESH_MS = 15_000;

export function RecallsPage() {
  const { t } = usePrefs();
  useStore();
  const { value, error } = usePolled(goods.recalls, REFRESH_MS, "recalls");
  const recalls = [...(value ?? [])].sort((a, b) => Number(a.ended !== null) - Number(b.ended !== null) || b.decided.localeCompare(a.decided));
  return (
    <div class="goods">
      <div class="goods-head">
        <h1>{t("nav.recalls")}</h1>
        <Tabs page="recalls" />
      </div>
      <p class="quiet-line">{t("recalls.how")}</p>
      {error && <p class="problem">{t("error.load", { detail: error })}</p>}
      {value === null && !error && <p class="quiet">{t("loading")}</p>}
      {value?.length === 0 && <p class="quiet">{t("recalls.none")}</p>}
      <ol class="lot-list">
        {recalls.map((recall) => (
          <Item key={recall.id} recall={recall} />
        ))}
      </ol>
    </div>
  );
}

function Item({ recall }: { recall: RecallShort }) {
  const { t, language } = usePrefs();
  return (
    <li class={`lot-item recall-item${recall.drill ? " drill" : recall.ended ? "" : " recalled"}`}>
      <span class="lot-name">
        <a href={recallHref(recall.id)}>
          <b>{t(recall.drill ? "recall.drill" : "recall.real")}</b> <bdi>{recall.id}</bdi>
        </a>
        <small class="muted" dir="auto">
          {recall.why} · {recall.who}
        </small>
      </span>
      <span>{t(`recall.level.${recall.level}`)}</span>
      <span>{t("recalls.lots", { n: recall.lots.length })}</span>
      <span>{at(recall.decided, language)}</span>
      <span>{recall.ended ? t("recall.ended", { time: at(recall.ended, language) }) : <Clock due={recall.due} />}</span>
    </li>
  );
}

/** How long is left, or by how much it is over; runs with the server's clock. */
export function Clock({ due }: { due: string }) {
  const { t } = usePrefs();
  const leftS = (Date.parse(due) - store.nowMs()) / 1000;
  return <b class={`clock-left${leftS < 0 ? " bad" : ""}`}>{t(leftS < 0 ? "recall.over" : "recall.left", { duration: duration(Math.abs(leftS), t) })}</b>;
}
