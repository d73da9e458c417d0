// What is open, for the cards of alarms; asked for again as alarms move and something is sent. Without a line what came last stands.

import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../api";
import { useWaiting } from "../papers/line";
import { useStore } from "../store";
import type { Cause, CorrectionShort } from "./shapes";

const AGAIN_MS = 15_000;

const noted = new Map<string, CorrectionShort>();

/** Somebody tapped a cause here: its card says so, whether or not the server has heard it yet. */
export function note(item: CorrectionShort, cause: Cause): void {
  noted.set(item.about, { ...item, cause });
}

/** Alarm → its corrective action, of all that is open or to verify, or was said here. */
export function useCorrections(): ReadonlyMap<string, CorrectionShort> {
  const waiting = useWaiting();
  const { alarms } = useStore().picture;
  const moved = useMemo(() => [...alarms.values()].map((alarm) => `${alarm.id} ${alarm.state}`).join(), [alarms]);
  const [open, setOpen] = useState<readonly CorrectionShort[]>([]);
  useEffect(() => {
    const look = () =>
      void api.corrections("todo").then(
        (found) => setOpen(found.items),
        () => undefined,
      );
    look();
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [waiting?.length, moved]);
  const graver = open.filter((item) => item.grade !== "minor"); // what was noted here is not enough any more
  return new Map([...entries(open), ...noted, ...entries(graver)]);
}

const entries = (items: readonly CorrectionShort[]) => items.map((item) => [item.about, item] as const);
