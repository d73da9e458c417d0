// Something that a person says with name and reason: looked at before it is written, and what the server says to it.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { store } from "../store";
import { say } from "./door";
import { refusalIn } from "./saying";
import type { GoodsEntry } from "./shapes";

interface Props {
  title: string;
  /** What the button says that writes. */
  does: string;
  /** Shown above name and reason: what follows if it is written. */
  children?: ComponentChildren;
  reason?: string;
  ready?: boolean;
  /** Nobody can write with this name: somebody else must. */
  notBy?: string;
  entries: (atMs: number, why: string) => GoodsEntry[];
  onDone: (who: string, entries: GoodsEntry[]) => void;
  onCancel?: () => void;
}

export function Signed({ title, does, children, reason, ready = true, notBy = "", entries, onDone, onCancel }: Props) {
  const { t } = usePrefs();
  const heading = useId();
  const [who, setWho] = useState("");
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.focus(), []); // whoever opened it by keyboard, or far up on a phone, is led to it
  const same = notBy !== "" && who.trim() === notBy;
  const write = async () => {
    setBusy(true);
    const made = entries(Math.round(store.nowMs()), why.trim());
    try {
      await say({ who: who.trim(), why: why.trim(), entries: made });
      setProblem(null);
      onDone(who.trim(), made);
    } catch (fault) {
      const detail = fault instanceof Error ? fault.message : String(fault);
      const word = refusalIn(detail);
      setProblem(word ? t(`refusal.${word}`) : t("lots.not-written", { detail }));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} tabIndex={-1} class="card signed" aria-labelledby={heading} onSubmit={(event) => (event.preventDefault(), void write())}>
      <h2 id={heading}>{title}</h2>
      {children}
      <div class="form">
        <Line label={reason ?? t("lots.why")} value={why} onText={setWhy} />
        <Line label={t("lots.who")} value={who} onText={setWho} />
      </div>
      {same && <p class="problem">{t("refusal.same-person")}</p>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p class="blanks">
        <button type="submit" class="strong" disabled={busy || !ready || same || !who.trim() || !why.trim()}>
          {does}
        </button>
        {onCancel && (
          <button type="button" class="plain" onClick={onCancel}>
            {t("lots.cancel")}
          </button>
        )}
      </p>
    </form>
  );
}

/** A line that is read while it is written. */
export function Line({ label, value, type = "text", decimal = false, onText }: { label: string; value: string; type?: "text" | "search"; decimal?: boolean; onText: (text: string) => void }) {
  return (
    <label class="field">
      <span class="field-name">{label}</span>
      <input type={type} {...(decimal ? { inputMode: "decimal" as const } : {})} autocomplete="off" value={value} onInput={(event) => onText(event.currentTarget.value)} />
    </label>
  );
}
