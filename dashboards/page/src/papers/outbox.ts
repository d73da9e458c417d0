// What waits to be sent: kept in this browser, sent in order when the line is there; a refusal stops its paper only.

import type { Corrective } from "../corrective/shapes";
import type { Entry } from "./shapes";

/** `paper`: what it is of, a paper, a task of a recall, what corrective action is about; what is of the same goes in order. */
export type Parcel = { paper: string; madeMs: number; fault?: string; key?: number } & (
  | { what: "entries"; who: string; why?: string; entries: Entry[] }
  | { what: "corrective"; who: string; why: string; entries: Corrective[] }
  | { what: "photo"; sha256: string; picture: Blob }
  | ({ what: "goods" } & import("../goods/door").Said)
);

/** "again": the line or the server is away, try later; "refused": it will never be taken as it is. */
export type Outcome = "sent" | "again" | "refused";

export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return "sent";
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "refused" : "again";
}

/** What is to be sent next: the oldest parcel of a paper of which nothing was refused. */
export function nextOf(parcels: readonly Parcel[]): Parcel | undefined {
  const stopped = new Set(parcels.filter((parcel) => parcel.fault !== undefined).map((parcel) => parcel.paper));
  return parcels.find((parcel) => !stopped.has(parcel.paper));
}

export interface Keeper {
  all(): Promise<Parcel[]>;
  put(parcel: Parcel): Promise<void>;
  drop(key: number): Promise<void>;
}

/** Status and detail of an answer; throws where no server was reached. */
export type Post = (parcel: Parcel) => Promise<{ status: number; detail: string }>;

/** Send what waits until nothing is left, or the line is away. */
export async function sendAll(keeper: Keeper, post: Post): Promise<Outcome> {
  for (;;) {
    const parcel = nextOf(await keeper.all());
    if (!parcel) return "sent";
    let outcome: Outcome = "again";
    let detail = "";
    try {
      const answer = await post(parcel);
      [outcome, detail] = [outcomeOf(answer.status), answer.detail];
    } catch {
      return "again";
    }
    if (outcome === "again") return "again";
    if (outcome === "sent") await keeper.drop(parcel.key as number);
    else await keeper.put({ ...parcel, fault: detail });
  }
}
