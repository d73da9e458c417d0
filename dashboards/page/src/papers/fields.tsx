// One field of a form: its word, its value, whether the data gave it, and what the data says where that differs.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { numberOf } from "./editing";
import type { Beside } from "./shapes";

interface Common {
  label: string;
  locked: boolean;
  /** The data gave it. */
  data?: boolean;
  beside?: Beside | undefined;
}

function Field({ label, data, beside, children }: Omit<Common, "locked"> & { children: ComponentChildren }) {
  const { t } = usePrefs();
  return (
    <label class="field">
      <span class="field-name">
        {label}
        {data && <em class="from-data">{t("papers.from-data")}</em>}
      </span>
      {children}
      {beside?.differs && <span class="beside">{t("papers.beside", { told: told(beside), source: beside.source })}</span>}
    </label>
  );
}

interface WritingProps {
  type: "text" | "datetime-local";
  inputMode?: "decimal";
  value: string;
  locked: boolean;
  onWritten: (text: string) => void;
}

/** What is being written stays as it is until the field is left, whatever is drawn anew meanwhile. */
function Writing({ type, inputMode, value, locked, onWritten }: WritingProps) {
  const [text, setText] = useState<string | null>(null); // null: nobody is writing
  return (
    <input
      type={type}
      {...(inputMode ? { inputMode } : {})}
      value={text ?? value}
      readOnly={locked}
      onInput={(event) => setText(event.currentTarget.value)}
      onChange={(event) => (setText(null), onWritten(event.currentTarget.value))}
      onBlur={() => setText(null)}
    />
  );
}

export function Text({ label, locked, data, beside, value, onText }: Common & { value: string; onText: (text: string) => void }) {
  return (
    <Field label={label} data={data ?? false} beside={beside}>
      <Writing type="text" value={value} locked={locked} onWritten={(text) => onText(text.trim())} />
    </Field>
  );
}

export function Amount({ label, locked, data, beside, value, onAmount }: Common & { value: number | null; onAmount: (value: number | null) => void }) {
  return (
    <Field label={label} data={data ?? false} beside={beside}>
      <Writing type="text" inputMode="decimal" value={value === null ? "" : String(value)} locked={locked} onWritten={(text) => onAmount(numberOf(text))} />
    </Field>
  );
}

export function Moment({ label, locked, data, beside, value, onMoment }: Common & { value: number | null; onMoment: (ms: number) => void }) {
  const { t } = usePrefs();
  return (
    <Field label={label} data={data ?? false} beside={beside}>
      <span class="with-button">
        <Writing
          type="datetime-local"
          value={value === null ? "" : localInput(value)}
          locked={locked}
          onWritten={(text) => {
            const ms = new Date(text).getTime();
            if (Number.isFinite(ms)) onMoment(ms);
          }}
        />
        {!locked && (
          <button type="button" class="plain" onClick={() => onMoment(Date.now())}>
            {t("papers.now")}
          </button>
        )}
      </span>
    </Field>
  );
}

export function Choice<T extends string>({ label, locked, value, choices, onChoice }: Common & { value: T; choices: readonly (readonly [T, string])[]; onChoice: (value: T) => void }) {
  return (
    <fieldset class="field choice" disabled={locked}>
      <legend class="field-name">{label}</legend>
      <span class="segments">
        {choices.map(([word, name]) => (
          <button key={word} type="button" aria-pressed={value === word} onClick={() => onChoice(word)}>
            {name}
          </button>
        ))}
      </span>
    </fieldset>
  );
}

/** What `datetime-local` wants: the device's own clock, to the minute. */
export function localInput(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function told(beside: Beside): string {
  if (beside.celsius !== null) return `${beside.celsius} ℃`;
  if (beside.at !== null) return localInput(Date.parse(beside.at)).replace("T", " ");
  return beside.text ?? "";
}
