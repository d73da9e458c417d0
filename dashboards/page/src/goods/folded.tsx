// A list of which the first few stand open; who wants the rest unfolds it.

import type { JSX } from "preact";
import { usePrefs } from "../prefs";

const OPEN = 6;

/** `ordered`: by time, each with its moment before it. */
export function Folded({ items, ordered = false }: { items: JSX.Element[]; ordered?: boolean }) {
  const { t } = usePrefs();
  const name = ordered ? "trace" : "consignees";
  const rest = items.slice(OPEN);
  return (
    <>
      <ol class={name}>{items.slice(0, OPEN)}</ol>
      {rest.length > 0 && (
        <details>
          <summary>{t("lots.rest", { n: rest.length })}</summary>
          <ol class={name}>{rest}</ol>
        </details>
      )}
    </>
  );
}
