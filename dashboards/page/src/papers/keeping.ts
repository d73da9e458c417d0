// IndexedDB: papers in work and what waits to be sent survive a closed tab and a day without a line.

import type { Keeper, Parcel } from "./outbox";
import type { Paper, Signature } from "./shapes";

/**
 * A paper in work on this device.
 *
 * `sent`: the server was told of it, or is about to be. `why`: the reason for a correction. `voided`: why it was.
 */
export interface Sheet {
  id: string;
  sent: boolean;
  paper: Paper;
  signatures: Signature[];
  why?: string;
  voided?: string;
}

const NAME = "coldchain-papers";

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("sheets", { keyPath: "id" });
      request.result.createObjectStore("outbox", { keyPath: "key", autoIncrement: true });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

async function ask<T>(store: "sheets" | "outbox", mode: IDBTransactionMode, make: (at: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(store, mode);
  const request = make(transaction.objectStore(store));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

export const sheets = {
  all: () => ask<Sheet[]>("sheets", "readonly", (at) => at.getAll() as IDBRequest<Sheet[]>),
  get: (id: string) => ask<Sheet | undefined>("sheets", "readonly", (at) => at.get(id) as IDBRequest<Sheet | undefined>),
  put: (sheet: Sheet) => ask("sheets", "readwrite", (at) => at.put(sheet)),
  drop: (id: string) => ask("sheets", "readwrite", (at) => at.delete(id)),
};

export const outbox: Keeper = {
  all: () => ask<Parcel[]>("outbox", "readonly", (at) => at.getAll() as IDBRequest<Parcel[]>),
  put: async (parcel) => void (await ask("outbox", "readwrite", (at) => at.put(parcel))),
  drop: async (key) => void (await ask("outbox", "readwrite", (at) => at.delete(key))),
};
