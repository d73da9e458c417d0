// Where the pages of goods are.

/** A lot, with its way to one of the places where it lies or lay. */
export function lotHref(id: string, place = ""): string {
  return `#/lot/${encodeURIComponent(id)}${place ? `?place=${encodeURIComponent(place)}` : ""}`;
}

/** From an alarm to the goods that it concerns. */
export function alarmLotsHref(alarm: string): string {
  return `#/alarm-lots/${encodeURIComponent(alarm)}`;
}

export function recallHref(id: string): string {
  return `#/recall/${encodeURIComponent(id)}`;
}

export function stopSaleHref(recall: string, site: string): string {
  return `#/stop-sale/${encodeURIComponent(recall)}/${encodeURIComponent(site)}`;
}
