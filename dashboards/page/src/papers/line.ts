// The line to the server: sends what waits as soon as it can, and says how much waits.

import { useEffect, useState } from "preact/hooks";
import { postCorrections, postPapers, postPhoto } from "../api";
import { postGoods } from "../goods/door";
import { outbox } from "./keeping";
import { type Parcel, sendAll } from "./outbox";

const AGAIN_MS = 10_000;
/** Where nobody gave a reason. */
const WHY = "page";

let sending = false;
const watchers = new Set<() => void>();

/** Keep something to be sent, and send it now if the line is there. */
export async function enqueue(parcel: Parcel): Promise<void> {
  await outbox.put(parcel);
  void flush();
}

/** Throw away what the server refused, and let the rest of its paper go on. */
export async function discard(key: number): Promise<void> {
  await outbox.drop(key);
  void flush();
}

/** Throw away everything that waits of a paper. */
export async function discardOf(paper: string): Promise<void> {
  for (const parcel of await outbox.all()) if (parcel.paper === paper) await outbox.drop(parcel.key as number);
  tell();
}

export async function flush(): Promise<void> {
  tell();
  if (sending) return;
  sending = true;
  try {
    await sendAll(outbox, posted);
  } finally {
    sending = false;
    tell();
  }
}

function posted(parcel: Parcel): Promise<{ status: number; detail: string }> {
  switch (parcel.what) {
    case "photo":
      return postPhoto(parcel.picture);
    case "corrective":
      return postCorrections({ who: parcel.who, why: parcel.why, entries: parcel.entries });
    case "goods":
      return postGoods({ who: parcel.who, why: parcel.why, entries: parcel.entries });
    case "entries":
      return postPapers({ who: parcel.who, why: parcel.why || WHY, entries: parcel.entries });
  }
}

function tell(): void {
  for (const watcher of watchers) watcher();
}

/** What waits now, drawn again whenever that changes; null until it is known. */
export function useWaiting(): readonly Parcel[] | null {
  const [parcels, setParcels] = useState<readonly Parcel[] | null>(null);
  useEffect(() => {
    const look = () => void outbox.all().then(setParcels);
    const send = () => void flush();
    watchers.add(look);
    addEventListener("online", send);
    const timer = setInterval(send, AGAIN_MS);
    send();
    return () => {
      watchers.delete(look);
      removeEventListener("online", send);
      clearInterval(timer);
    };
  }, []);
  return parcels;
}
