// A step that needs a reason: opened, written, confirmed.

import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";

interface Props {
  /** What is offered, and what it means. */
  label: string;
  explained: string;
  /** Whether whoever takes the step must be named. */
  named?: boolean;
  onSay: (why: string, who: string) => void;
}

export function WithReason({ label, explained, named = false, onSay }: Props) {
  const { t } = usePrefs();
  const [open, setOpen] = useState(false);
  const [who, setWho] = useState("");
  const [why, setWhy] = useState("");
  if (!open)
    return (
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        {label}
      </button>
    );
  return (
    <form class="card form" onSubmit={(event) => (event.preventDefault(), onSay(why.trim(), who.trim()))}>
      <p class="explained">{explained}</p>
      <label class="field">
        <span class="field-name">{t("papers.why")}</span>
        <input type="text" value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      {named && (
        <label class="field">
          <span class="field-name">{t("papers.name")}</span>
          <input type="text" value={who} onInput={(event) => setWho(event.currentTarget.value)} />
        </label>
      )}
      <span class="with-button">
        <button type="submit" class="strong" disabled={!why.trim() || (named && !who.trim())}>
          {label}
        </button>
        <button type="button" class="plain" onClick={() => setOpen(false)}>
          {t("papers.cancel")}
        </button>
      </span>
    </form>
  );
}
