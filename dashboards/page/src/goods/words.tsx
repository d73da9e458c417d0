// Lots in the reader's words: what their product is called, how they stand, where they lie, what is left of them.

import { useEffect, useState } from "preact/hooks";
import { moment } from "../format";
import type { Language, Translate } from "../messages";
import { known } from "../messages";
import { usePrefs } from "../prefs";
import { assetHref } from "../route";
import { store } from "../store";
import { recallHref } from "./addresses";
import { goods } from "./door";
import type { LotShort, Lying, Standing } from "./shapes";
import { placesNow } from "./telling";

type Names = ReadonlyMap<string, { zh: string; en: string }>;
let names: Names = new Map();
let asked: Promise<void> | null = null;

/** What products are called; ids until that is known. */
export function useProducts(): (product: string) => string {
  const { language } = usePrefs();
  const [have, setHave] = useState(names);
  useEffect(() => {
    asked ??= goods.products().then(
      (found) => void (names = new Map(found.map((one) => [one.id, one]))),
      () => void (asked = null), // asked again by the next page that is opened
    );
    void asked.then(() => setHave(names));
  }, []);
  return (product) => have.get(product)?.[language] ?? product;
}

/** How a lot is named on the pack: its printed number, else its id. */
export function printedOf(lot: LotShort): string {
  return lot.number || lot.id;
}

/** The name of a place and of the site that it is at; without a site that of today. */
export function placeName(place: string, site: string): string {
  const { registry } = store;
  const [kind, asset = ""] = place.split(/:(.*)/, 2);
  const at = site || (kind === "site" ? asset : (registry?.assets.get(asset)?.site ?? ""));
  const siteName = registry?.sites.get(at)?.name ?? at;
  if (kind !== "asset") return siteName || place;
  return [siteName, registry?.assets.get(asset)?.name ?? asset].filter(Boolean).join(" · ");
}

export function PlaceLink({ place, site }: { place: string; site: string }) {
  const name = <bdi>{placeName(place, site)}</bdi>;
  return place.startsWith("asset:") ? <a href={assetHref(place.slice("asset:".length))}>{name}</a> : name;
}

/** Where it lies now, in words. */
export function whereNow(lying: readonly Lying[], unit: string, t: Translate, most = 2): string {
  return placesNow(lying, unit, t, placeName, most);
}

export function at(text: string, language: Language, site: string | null = null): string {
  return moment(Date.parse(text), store.nowMs(), language, store.zone(site));
}

export function StateMarks({ lot }: { lot: Standing }) {
  const { t } = usePrefs();
  return (
    <span class="lot-marks">
      {lot.recalls.map((id) => (
        <a key={id} class="lot-mark m-recalled" href={recallHref(id)}>
          {t("lots.recalled")}
        </a>
      ))}
      {lot.drills.map((id) => (
        <a key={id} class="lot-mark m-drill" href={recallHref(id)}>
          {t("lots.drill")}
        </a>
      ))}
      <span class={`lot-mark m-${lot.state}`}>{known(t, "lotstate", lot.state)}</span>
    </span>
  );
}
