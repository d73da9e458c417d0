// What changed at a point, in the reader's words.

import type { Mark } from "./contract";
import { known, type Translate } from "./messages";

/** Say what changed, with what was and what is where there is such a thing. */
export function markWords(mark: Mark, t: Translate): string {
  const named = (value: string) => (mark.kind === "activity" ? known(t, "activity", value) : value) || t("mark.none");
  return t(`mark.${mark.kind}`, { before: named(mark.before), after: named(mark.after) });
}
