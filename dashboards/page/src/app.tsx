// The shell: banner, header, the page that the route names.

import type { FunctionComponent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AlarmsPage } from "./alarms";
import { GOODS, titleOf } from "./goods/pages";
import { CorrectionPage } from "./corrective/form";
import { TodoPage } from "./corrective/todo";
import { Header } from "./header";
import { InboxPage } from "./inbox";
import { Overview } from "./overview";
import type { Translate } from "./messages";
import { PaperPage } from "./papers/paper";
import { PapersPage } from "./papers/papers";
import { usePrefs } from "./prefs";
import { isGoods, type Route, useRoute } from "./route";
import { useStore } from "./store";
import { TripsPage } from "./triplist";

type ThingProps = { id: string; query: URLSearchParams };
type ThingPage = FunctionComponent<ThingProps>;

/** The chart and its library come only when one asset or trip is opened. */
function Lazy({ load, ...props }: ThingProps & { load: () => Promise<ThingPage> }) {
  const { t } = usePrefs();
  const [Page, setPage] = useState<ThingPage | null>(null);
  useEffect(() => void load().then((page) => setPage(() => page)), []);
  return Page ? <Page {...props} /> : <p class="quiet">{t("loading")}</p>;
}

const assetPage = (): Promise<ThingPage> => import("./asset").then((module) => module.AssetPage);
const tripPage = (): Promise<ThingPage> => import("./trip").then((module) => module.TripPage);

const alarmPage = (): Promise<ThingPage> => import("./told/alarm").then((module) => module.AlarmPage);
const confirmPage = (): Promise<ThingPage> => import("./told/confirm").then((module) => module.ConfirmPage);
const carriersPage = (): Promise<ThingPage> => import("./months/carriers").then((module) => module.CarriersPage);

export function App() {
  const { t } = usePrefs();
  const { health, registry } = useStore();
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const demo = health?.demo === true;

  useEffect(() => {
    const parts = [title(route, t, registry?.assets.get(route.page === "asset" ? route.id : "")?.name)];
    if (demo) parts.push(t("demo.banner"));
    parts.push(t("product"));
    document.title = parts.filter(Boolean).join(" · ");
  }, [route, demo, registry, t]);

  const place = "id" in route ? `${route.page}/${route.id}` : route.page;
  useEffect(() => scrollTo(0, 0), [place]);

  return (
    <>
      <a class="skip" href={location.hash || "#/"} onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t("skip")}
      </a>
      <div class="top">
        {demo && (
          <p class="demo" role="note">
            {t("demo.banner")}
          </p>
        )}
        <Header route={route} />
      </div>
      <main ref={main} tabIndex={-1} class={`page page-${route.page}`}>
        {route.page === "overview" && <Overview query={route.query} />}
        {route.page === "alarms" && <AlarmsPage />}
        {route.page === "inbox" && <InboxPage />}
        {route.page === "trips" && <TripsPage />}
        {route.page === "carriers" && <Lazy key="carriers" load={carriersPage} id="" query={route.query} />}
        {route.page === "papers" && <PapersPage query={route.query} />}
        {route.page === "todo" && <TodoPage />}
        {route.page === "correction" && <CorrectionPage key={route.id} id={route.id} />}
        {route.page === "paper" && <PaperPage key={route.id} id={route.id} />}
        {isGoods(route) && <Lazy key={place} load={GOODS[route.page]} id={"id" in route ? route.id : ""} query={route.query} />}
        {route.page === "asset" && <Lazy key={`asset/${route.id}`} load={assetPage} id={route.id} query={route.query} />}
        {route.page === "alarm" && <Lazy key={place} load={alarmPage} id={route.id} query={route.query} />}
        {route.page === "confirm" && <Lazy key={place} load={confirmPage} id={route.id} query={route.query} />}
        {route.page === "trip" && <Lazy key={`trip/${route.id}`} load={tripPage} id={route.id} query={route.query} />}
      </main>
    </>
  );
}

function title(route: Route, t: Translate, asset: string | undefined): string {
  if (isGoods(route)) return titleOf(route, t);
  if (route.page === "alarms" || route.page === "inbox" || route.page === "trips" || route.page === "papers" || route.page === "todo") {
    return t(`nav.${route.page}`);
  }
  if (route.page === "trip") return route.id;
  if (route.page === "carriers") return t("months.title");
  if (route.page === "paper") return t("nav.papers");
  if (route.page === "alarm") return t("alarm.one");
  if (route.page === "confirm") return t("drill.title");
  if (route.page === "correction") return t("correction.title");
  return route.page === "asset" ? (asset ?? route.id) : "";
}
