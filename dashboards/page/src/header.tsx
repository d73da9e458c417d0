// Who we are, how many of what, how fresh, what time it is.

import { clock, duration, longDay } from "./format";
import { Mark, StateIcon, ThemeIcon } from "./icons";
import { Nav } from "./nav";
import { type Theme, usePrefs } from "./prefs";
import { overviewHref, type Route } from "./route";
import { type State, STATES } from "./state";
import { useStore } from "./store";

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

/** So many counts stand beside the navigation on a desk's screen; more take a line of their own. */
const FEW_STATES = 4;

export function Header({ route }: { route: Route }) {
  const { t } = usePrefs();
  const store = useStore();
  const open = store.openAlarms().length;
  const kinds = new Set(store.states().map(({ state }) => state)).size;
  return (
    <header class={`header${kinds > FEW_STATES ? " many" : ""}`}>
      <a class="brand" href="#/">
        <Mark />
        <span>{t("product")}</span>
      </a>
      <Nav route={route} openAlarms={open} />
      <Counts chosen={route.page === "overview" ? route.query.get("state") : null} />
      <div class="status">
        <Line />
        <ServerClock />
        <Switches />
      </div>
      <p class="unseen" aria-live="polite" aria-atomic="true">
        {store.registry ? t("alarms.count", { n: open }) : ""}
      </p>
    </header>
  );
}

function Counts({ chosen }: { chosen: string | null }) {
  const { t } = usePrefs();
  const counts = new Map<State, number>();
  for (const { state } of useStore().states()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <ul class="counts" aria-label={t("overview.filter")}>
      {STATES.filter((state) => counts.has(state) || state === chosen).map((state) => (
        <li key={state}>
          <a
            class={`count s-${state}`}
            href={overviewHref(state === chosen ? null : state)}
            aria-current={state === chosen ? "true" : undefined}
          >
            <StateIcon state={state} />
            <b>{counts.get(state) ?? 0}</b>
            <span>{t(`state.${state}`)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Line() {
  const { t } = usePrefs();
  const store = useStore();
  const silent = store.silentMs();
  if (silent === null) return <span class="line waiting">{t("live.connecting")}</span>;
  if (store.down)
    return (
      <span class="line down" role="status">
        {t("live.off", { duration: duration(silent / 1000, t) })}
      </span>
    );
  const status = store.health?.status;
  if (status === "degraded" || status === "catching-up")
    return <span class="line waiting">{t(`server.${status}`)}</span>;
  return <span class="line on">{t("live.on")}</span>;
}

function ServerClock() {
  const { t, language } = usePrefs();
  const store = useStore();
  if (!store.time.heard) return null;
  const now = store.nowMs();
  const zone = store.zone();
  return (
    <time class="clock" title={zone ? `${t("server.clock")} (${zone})` : t("server.clock")} dateTime={new Date(now).toISOString()}>
      <span>{longDay(now, language, zone)}</span> <b>{clock(now, language, zone)}</b>
    </time>
  );
}

function Switches() {
  const { t, language, theme, setLanguage, setTheme } = usePrefs();
  const other = language === "zh" ? "en" : "zh";
  const label = t("theme.label", { theme: t(`theme.${theme}`) });
  return (
    <div class="switches">
      <button type="button" lang={other === "zh" ? "zh-CN" : "en"} aria-label={t("language.switch")} onClick={() => setLanguage(other)}>
        {t("language.other")}
      </button>
      <button type="button" aria-label={label} title={label} onClick={() => setTheme(NEXT_THEME[theme])}>
        <ThemeIcon theme={theme} />
      </button>
    </div>
  );
}
