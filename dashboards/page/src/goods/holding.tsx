// Holding lots back (暂停销售) with a look at what follows, and deciding of what is held: by another person.

import { useState } from "preact/hooks";
import { Choice } from "../papers/fields";
import { usePrefs } from "../prefs";
import { store } from "../store";
import { chance, holds, newId, releases } from "./saying";
import { type Decision, DECISIONS, type GoodsEntry, type LotShort, type Standing } from "./shapes";
import { Signed } from "./signed";
import { placeName, printedOf, useProducts, whereNow } from "./words";

type Goods = LotShort & Standing;

interface Holding {
  lots: readonly Goods[];
  /** Where one would hold them only; empty: everywhere is the only choice. */
  site?: string;
  alarm?: string;
  onHeld: (who: string, entries: GoodsEntry[]) => void;
  onCancel: () => void;
}

export function HoldForm({ lots, site = "", alarm = "", onHeld, onCancel }: Holding) {
  const { t } = usePrefs();
  const product = useProducts();
  const [id] = useState(() => newId("H", Math.round(store.nowMs()), chance()));
  const [where, setWhere] = useState<"all" | "site">("all");
  const here = (lot: Goods) => lot.lying_at.filter((one) => one.site === site);
  const chosen = where === "all" ? lots : lots.filter((lot) => here(lot).length);
  const made = (atMs: number) =>
    holds(id, chosen.map((lot) => ({ id: lot.id, places: where === "all" ? [] : here(lot).map((one) => one.place) })), atMs, alarm);
  return (
    <Signed title={t("hold.title", { n: chosen.length })} does={t("hold.do", { n: chosen.length })} ready={chosen.length > 0} entries={made} onDone={onHeld} onCancel={onCancel}>
      {site && lots.some((lot) => here(lot).length) && (
        <Choice
          label={t("hold.where")}
          locked={false}
          value={where}
          choices={[["all", t("hold.everywhere")], ["site", t("hold.only", { site: placeName(`site:${site}`, site) })]]}
          onChoice={setWhere}
        />
      )}
      <p class="quiet-line">{t("hold.preview")}</p>
      <ul class="preview">
        {chosen.map((lot) => (
          <li key={lot.id}>
            <b>{product(lot.product)}</b> <bdi>{printedOf(lot)}</bdi>: {whereNow(where === "all" ? lot.lying_at : here(lot), lot.unit, t, 4)}
            {lot.state === "held" && <em> {t("hold.already")}</em>}
          </li>
        ))}
      </ul>
    </Signed>
  );
}

interface Releasing {
  held: readonly GoodsEntry[];
  /** Who held them: somebody else must decide. */
  by: string;
  /** Undoing one's own: released is the only decision that is asked for. */
  undo?: boolean;
  onDone: () => void;
  onCancel: () => void;
}

export function ReleaseForm({ held, by, undo = false, onDone, onCancel }: Releasing) {
  const { t } = usePrefs();
  const [decision, setDecision] = useState<Decision | "">(undo ? "released" : "");
  return (
    <Signed
      title={t(undo ? "hold.undo" : "hold.decide")}
      does={t(undo ? "hold.undo.do" : "hold.decide.do")}
      ready={decision !== ""}
      notBy={by}
     
      entries={(atMs) => releases(held, decision || "released", atMs)}
      onDone={onDone}
      onCancel={onCancel}
    >
      <p class="quiet-line">{t("hold.other", { who: by })}</p>
      {!undo && (
        <Choice
          label={t("hold.decision")}
          locked={false}
          value={decision}
          choices={DECISIONS.map((one) => [one, t(`lotstate.${one}`)] as const)}
          onChoice={setDecision}
        />
      )}
    </Signed>
  );
}
