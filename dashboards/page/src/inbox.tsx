// The inbox: sensors that report and belong nowhere yet, and how to claim one.

import { useEffect, useState } from "preact/hooks";
import { api } from "./api";
import type { Unclaimed } from "./contract";
import { moment } from "./format";
import { usePrefs } from "./prefs";
import { useStore } from "./store";

const REFRESH_MS = 5000;

export function InboxPage() {
  const { t } = usePrefs();
  useStore();
  const [items, setItems] = useState<readonly Unclaimed[] | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    const look = () =>
      api.inbox().then(
        (found) => (setItems(found), setError(null)),
        (problem: unknown) => setError(String(problem instanceof Error ? problem.message : problem)),
      );
    void look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);

  return (
    <div class="inbox">
      <h1>{t("inbox.title")}</h1>
      <p class="quiet">{t("inbox.lead")}</p>
      {error && <p class="problem">{t("error.load", { detail: error })}</p>}
      {items === null && !error && <p class="quiet">{t("loading")}</p>}
      {items?.length === 0 && <p class="quiet">{t("inbox.none")}</p>}
      <ul class="inbox-list">
        {items?.map((item) => (
          <InboxItem key={`${item.node} ${item.channel}`} item={item} />
        ))}
      </ul>
    </div>
  );
}

function InboxItem({ item }: { item: Unclaimed }) {
  const { t, language } = usePrefs();
  const [copied, setCopied] = useState(false);
  const store = useStore();
  const command = `coldchain claim ${item.channel} --asset my-cooler --site my-shop`;
  return (
    <li class="inbox-item">
      <h2 dir="ltr">{item.channel}</h2>
      <dl class="inbox-facts">
        <Fact name={t("inbox.value")} value={said(item)} />
        <Fact name={t("inbox.measured")} value={item.measured_at ? moment(Date.parse(item.measured_at), store.nowMs(), language, store.zone()) : "–"} />
        <Fact name={t("inbox.gateway")} value={item.node} />
        <Fact name={t("inbox.signal")} value={item.signal_dbm === null ? "–" : `${item.signal_dbm} dBm`} />
        <Fact name={t("inbox.kept")} value={String(item.kept)} />
      </dl>
      <p class="inbox-claim">
        <span>{t("inbox.claim")}</span>
        <code dir="ltr">{command}</code>
        <button type="button" onClick={() => void navigator.clipboard?.writeText(command).then(() => setCopied(true))}>
          {t(copied ? "inbox.copied" : "inbox.copy")}
        </button>
      </p>
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function said(item: Unclaimed): string {
  if (item.fault !== null) return item.fault;
  if (item.value === null) return "–";
  const unit = item.unit === "Cel" ? "°C" : item.unit;
  return typeof item.value === "boolean" ? String(item.value) : `${Number(item.value.toFixed(2))} ${unit}`.trim();
}
