// The doors of /api/v1 that goods and recalls go through.

import { get, post, urlOf } from "../api";
import type { Page } from "../contract";
import type { AlarmLots, GoodsEntry, Lot, LotDue, LotHistory, LotTrace, LotWithin, Recall, RecallForms, RecallShort, SiteReceived, StopSale } from "./shapes";

const name = encodeURIComponent;

/** Lots of a page of a list. */
export const PAGE = 100;
/** The most lots of an alarm that are listed; the table to download has all. */
export const MOST_AFFECTED = 1000;

export interface Said {
  who: string;
  why: string;
  entries: GoodsEntry[];
}

export const goods = {
  products: () => get<Page<{ id: string; zh: string; en: string }>>("products").then((page) => page.items),
  lots: (search: string, cursor: string | null) => get<Page<LotWithin>>("lots", { search, limit: PAGE, cursor }),
  due: (site: string, search: string, cursor: string | null) => get<Page<LotDue>>(`sites/${name(site)}/first-expired`, { search, limit: PAGE, cursor }),
  lot: (id: string) => get<Lot>(`lots/${name(id)}`),
  history: (id: string, place: string | null) => get<LotHistory>(`lots/${name(id)}/history`, { place, buckets: 600 }),
  trace: (id: string) => get<LotTrace>(`lots/${name(id)}/trace`),
  ofAlarm: (alarm: string) => get<AlarmLots>(`alarms/${name(alarm)}/lots`, { limit: MOST_AFFECTED }),
  receivedOf: (alarm: string) => get<Page<SiteReceived>>(`alarms/${name(alarm)}/consignees`).then((page) => page.items),
  tableOf: (alarm: string, language: string) => urlOf(`alarms/${name(alarm)}/lots.csv?language=${language}`),
  recalls: () => get<Page<RecallShort>>("recalls").then((page) => page.items),
  recall: (id: string) => get<Recall>(`recalls/${name(id)}`),
  forms: (id: string, language: string) => get<RecallForms>(`recalls/${name(id)}/forms`, { language }),
  formOf: (id: string, form: string, language: string) => urlOf(`recalls/${name(id)}/forms/${form}.txt?language=${language}`),
  sitesOf: (id: string, language: string) => urlOf(`recalls/${name(id)}/sites.csv?language=${language}`),
  stopSale: (recall: string, site: string) => get<StopSale>(`recalls/${name(recall)}/sites/${name(site)}`),
  photo: (sha256: string) => urlOf(`photos/${sha256}`),
};

export const postGoods = (said: Said) => post("goods", JSON.stringify(said));

/** Write entries; throws with what the server refuses. */
export async function say(said: Said): Promise<void> {
  const answer = await postGoods(said);
  if (answer.status >= 300) throw new Error(answer.detail);
}
