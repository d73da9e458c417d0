// The pages of goods, each loaded when it is opened, and what the browser's tab says of them.

import type { FunctionComponent } from "preact";
import type { Translate } from "../messages";
import type { GoodsRoute } from "../route";

type GoodsPage = FunctionComponent<{ id: string; query: URLSearchParams }>;

export const GOODS: Readonly<Record<GoodsRoute["page"], () => Promise<GoodsPage>>> = {
  lots: () => import("./lots").then((module) => module.LotsPage),
  lot: () => import("./lot").then((module) => module.LotPage),
  "alarm-lots": () => import("./alarmlots").then((module) => module.AlarmLotsPage),
  recalls: () => import("./recalls").then((module) => module.RecallsPage),
  recall: () => import("./recall").then((module) => module.RecallPage),
  "stop-sale": () => import("./stopsale").then((module) => module.StopSalePage),
};

export function titleOf(route: GoodsRoute, t: Translate): string {
  if (route.page === "lot" || route.page === "recall") return route.id;
  if (route.page === "stop-sale") return t("stop.title");
  return t(route.page === "recalls" ? "nav.recalls" : "nav.lots");
}
