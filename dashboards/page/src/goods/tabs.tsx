// Lots and recalls are one place: a line to go from one to the other.

import { usePolled } from "../polled";
import { usePrefs } from "../prefs";
import { goods } from "./door";

const REFRESH_MS = 60_000;

export function Tabs({ page }: { page: "lots" | "recalls" }) {
  const { t } = usePrefs();
  const { value } = usePolled(goods.recalls, REFRESH_MS, "recalls");
  const running = (value ?? []).filter((recall) => recall.ended === null).length;
  return (
    <nav class="segments goods-tabs" aria-label={t("lots.tabs")}>
      <a href="#/lots" aria-current={page === "lots" ? "page" : undefined}>
        {t("nav.lots")}
      </a>
      <a href="#/recalls" aria-current={page === "recalls" ? "page" : undefined}>
        {t("nav.recalls")}
        {running > 0 && <b class="badge">{running}</b>}
      </a>
    </nav>
  );
}
