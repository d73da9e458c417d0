// Writing a recall's plan, item by item, and the notice to consumers.

import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { rewritten } from "./saying";
import { ITEMS, type Plan, type Recall } from "./shapes";
import { Signed } from "./signed";

export function PlanForm({ recall, onDone, onCancel }: { recall: Recall; onDone: () => void; onCancel: () => void }) {
  const { t } = usePrefs();
  const [plan, setPlan] = useState<Plan>(recall.plan);
  const [notice, setNotice] = useState(recall.consumer_notice);
  return (
    <Signed title={t("recall.write")} does={t("recall.write.do")} entries={() => [rewritten(recall, plan, notice)]} onDone={onDone} onCancel={onCancel}>
      <p class="quiet-line">{t("recall.write.how")}</p>
      {ITEMS.map((item) => (
        <Text key={item} label={t(`recallplan.${item}`)} value={plan[item]} onText={(text) => setPlan({ ...plan, [item]: text })} />
      ))}
      <Text label={t("recallform.notice")} value={notice} onText={setNotice} />
    </Signed>
  );
}

function Text({ label, value, onText }: { label: string; value: string; onText: (text: string) => void }) {
  return (
    <label class="field">
      <span class="field-name">{label}</span>
      <textarea rows={2} value={value} onInput={(event) => onText(event.currentTarget.value)} />
    </label>
  );
}
