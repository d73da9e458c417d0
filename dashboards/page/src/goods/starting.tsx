// Starting a recall or a drill from some lots, with a look at who will have to act.

import { useState } from "preact/hooks";
import { Choice } from "../papers/fields";
import { usePrefs } from "../prefs";
import { store } from "../store";
import { recallHref } from "./addresses";
import { goods } from "./door";
import { chance, newId, recall } from "./saying";
import type { Level, LotShort, Standing } from "./shapes";
import { Signed } from "./signed";
import { placeName, printedOf, useProducts } from "./words";

/** The store is a moment behind the ledger: the new recall is waited for so often, so long each time. */
const TRIES = 20;
const BETWEEN_MS = 250;

interface Props {
  lots: readonly (LotShort & Standing)[];
  /** Who received some of them. */
  received: readonly { site: string; site_name: string }[];
  onCancel: () => void;
}

export function RecallForm({ lots, received, onCancel }: Props) {
  const { t, language } = usePrefs();
  const product = useProducts();
  const [level, setLevel] = useState<"" | "1" | "2" | "3">("");
  const [kind, setKind] = useState<"" | "real" | "drill">("");
  // Written twice after a lost answer, it is the same recall.
  const [[begunMs, stamp]] = useState(() => [Math.round(store.nowMs()), chance()] as const);
  const names = new Map(received.map((one) => [one.site, one.site_name]));
  for (const lot of lots) for (const { site, place } of lot.lying_at) if (!names.has(site)) names.set(site, placeName(site ? `site:${site}` : place, site));
  return (
    <Signed
      title={t("recall.start")}
      does={t(kind === "drill" ? "recall.do.drill" : "recall.do", { n: lots.length })}
      reason={t("recall.harm")}
      ready={level !== "" && kind !== "" && lots.length > 0}
     
      entries={(atMs, harm) => [recall(newId(kind === "drill" ? "D" : "R", begunMs, stamp), lots.map((lot) => lot.id), Number(level) as Level, kind === "drill", harm, atMs)]}
      onDone={(_who, [entry]) => entry?.put === "recall" && void opened(entry.id)}
      onCancel={onCancel}
    >
      <div class="form">
        <Choice label={t("recall.kind")} locked={false} value={kind} choices={[["real", t("recall.real")], ["drill", t("recall.drill")]]} onChoice={setKind} />
        <Choice
          label={t("recall.level")}
          locked={false}
          value={level}
          choices={[["1", t("recall.level.1")], ["2", t("recall.level.2")], ["3", t("recall.level.3")]]}
          onChoice={setLevel}
        />
      </div>
      <p class="quiet-line">{t("recall.preview", { lots: lots.length, sites: names.size })}</p>
      <ul class="preview">
        {lots.map((lot) => (
          <li key={lot.id}>
            <b>{product(lot.product)}</b> <bdi>{printedOf(lot)}</bdi>
          </li>
        ))}
      </ul>
      <p class="preview">{[...names.values()].join(language === "zh" ? "、" : ", ")}</p>
    </Signed>
  );
}

/** Go to a recall as soon as the server knows it. */
async function opened(id: string): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    const known = await goods.recalls().then(
      (all) => all.some((one) => one.id === id),
      () => false,
    );
    if (known) break;
    await new Promise((done) => setTimeout(done, BETWEEN_MS));
  }
  location.hash = recallHref(id);
}
