// Who stands before this page: asked once, kept in this browser, said with everything that is sent.

import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";

const NAME = "who";

function kept(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // storage may be refused; the name then lasts for this page
  }
}

let name = kept();

export const whoIsHere = (): string => name;

/** The name, with a way to change it. */
export function Who({ onName }: { onName?: (name: string) => void }) {
  const { t } = usePrefs();
  const [text, setText] = useState(name);
  const take = (written: string) => {
    setText(written);
    name = written.trim();
    try {
      localStorage.setItem(NAME, name);
    } catch {
      // see kept
    }
    onName?.(name);
  };
  return (
    <label class="field who">
      <span class="field-name">{t("todo.who")}</span>
      <input type="text" autocomplete="name" value={text} onInput={(event) => take(event.currentTarget.value)} />
    </label>
  );
}
