// 报警演练: the link of a drill's message; one tap says that it arrived.

import { useState } from "preact/hooks";
import { ApiError, api } from "../api";
import { moment } from "../format";
import { usePrefs } from "../prefs";
import { store } from "../store";
import type { Drill } from "./shapes";

export function ConfirmPage({ id }: { id: string; query: URLSearchParams }) {
  const { t, language } = usePrefs();
  const [done, setDone] = useState<Drill | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const confirm = async () => {
    setProblem(null);
    try {
      setDone(await api.confirmDrill(id));
    } catch (fault) {
      setProblem(fault instanceof ApiError ? fault.detail : String(fault));
    }
  };
  return (
    <div class="confirm-page">
      <h1>{t("drill.title")}</h1>
      {done?.confirmed_at ? (
        <p role="status">{t("drill.done", { name: done.name, time: moment(Date.parse(done.confirmed_at), store.nowMs(), language, store.zone(null)) })}</p>
      ) : (
        <>
          <p>{t("drill.what")}</p>
          <button type="button" class="primary" onClick={() => void confirm()}>
            {t("drill.confirm")}
          </button>
        </>
      )}
      {problem && <p class="problem" role="alert">{problem}</p>}
    </div>
  );
}
