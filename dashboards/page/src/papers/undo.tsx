// What was taken off a paper by mistake, or as one: it can be put back until the paper is left.

import { usePrefs } from "../prefs";

export function Undo({ name, onUndo }: { name: string; onUndo: () => void }) {
  const { t } = usePrefs();
  return (
    <p class="undo" role="status">
      <span>{t("papers.removed", { name })}</span>
      <button type="button" class="plain" onClick={onUndo}>
        {t("papers.undo")}
      </button>
    </p>
  );
}
