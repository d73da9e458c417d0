// Fields that count as they are written: what is missing is told while somebody writes.

import { localInput } from "../papers/fields";

interface Props {
  label: string;
  value: string;
  onText: (text: string) => void;
}

export function Words({ label, value, onText }: Props) {
  return (
    <label class="field">
      <span class="field-name">{label}</span>
      <input type="text" value={value} onInput={(event) => onText(event.currentTarget.value)} />
    </label>
  );
}

/** Until when, by this device's clock. */
export function Until({ label, value, onMoment }: { label: string; value: number | null; onMoment: (ms: number) => void }) {
  const take = (text: string) => {
    const ms = new Date(text).getTime();
    if (Number.isFinite(ms)) onMoment(ms);
  };
  return (
    <label class="field">
      <span class="field-name">{label}</span>
      <input type="datetime-local" value={value === null ? "" : localInput(value)} onInput={(event) => take(event.currentTarget.value)} />
    </label>
  );
}
