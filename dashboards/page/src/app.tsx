// The shell: banner, header, the page that the route names.

import type { FunctionComponent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AlarmsPage } from "./alarms";
import { Header } from "./header";
import { InboxPage } from "./inbox";
import { Overview } from "./overview";
import type { Translate } from "./messages";
import { PaperPage } from "./papers/paper";
import { PapersPage } from "./papers/papers";
import { usePrefs } from "./prefs";
import { type Route, useRoute } from "./route";
import { useStore } from "./store";

type AssetProps = { id: string; query: URLSearchParams };

/** The chart and its library come only when an asset is opened. */
function LazyAsset(props: AssetProps) {
  const { t } = usePrefs();
  const [Page, setPage] = useState<FunctionComponent<AssetProps> | null>(null);
  useEffect(() => {
    void import("./asset").then((module) => setPage(() => module.AssetPage));
  }, []);
  return Page ? <Page {...props} /> : <p class="quiet">{t("loading")}</p>;
}

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
        {route.page === "papers" && <PapersPage query={route.query} />}
        {route.page === "paper" && <PaperPage key={route.id} id={route.id} />}
        {route.page === "asset" && <LazyAsset key={route.id} id={route.id} query={route.query} />}
      </main>
    </>
  );
}

function title(route: Route, t: Translate, asset: string | undefined): string {
  if (route.page === "alarms" || route.page === "inbox" || route.page === "papers") return t(`nav.${route.page}`);
  if (route.page === "paper") return t("nav.papers");
  return route.page === "asset" ? (asset ?? route.id) : "";
}
