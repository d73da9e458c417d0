// A stop-sale task on a phone: which packs, how many were found and sealed, a picture, a name, send; also without a line.

import { useEffect, useState } from "preact/hooks";
import { numberOf } from "../papers/editing";
import { enqueue, useWaiting } from "../papers/line";
import { Waiting } from "../papers/papers";
import { scaled } from "../papers/picture";
import { usePrefs } from "../prefs";
import { store, useStore } from "../store";
import { recallHref } from "./addresses";
import { goods } from "./door";
import { DrillStamp } from "./recall";
import { Clock } from "./recalls";
import { answer, parcelOf } from "./saying";
import type { Step, StopSale } from "./shapes";
import { Line } from "./signed";
import { amount } from "./telling";
import { at } from "./words";
import "../style/papers.css";
import "../style/goods.css";

/** What is confirmed with a count; that the message was read needs none. */
type Counted = Exclude<Step, "notified">;

export function StopSalePage({ id }: { id: string }) {
  const { t, language } = usePrefs();
  useStore();
  const slash = id.indexOf("/");
  const [recall, site] = [id.slice(0, Math.max(slash, 0)), id.slice(slash + 1)];
  const parcels = useWaiting();
  const own = parcels?.filter((parcel) => parcel.paper === parcelOf(recall, site)) ?? null;
  const { task, problem } = useTask(recall, site, own?.length ?? null);
  if (task === null) return <p class="quiet">{problem ? t("error.load", { detail: problem }) : t("loading")}</p>;
  return (
    <div class={`goods stop-sale${task.drill ? " drill" : ""}`}>
      {task.drill && <DrillStamp />}
      <p class="crumb">
        <a href={recallHref(recall)}>
          {t("nav.recalls")} <bdi>{recall}</bdi>
        </a>
      </p>
      <h1>{t(task.drill ? "stop.title.drill" : "stop.title")}</h1>
      <p>
        <b dir="auto">{task.task.site_name}</b> {task.task.left_s !== null && !task.ended && <Clock due={task.task.due} />}
      </p>
      <p class="quiet-line" dir="auto">
        {task.why}
      </p>
      {problem && <p class="problem">{t("stop.kept")}</p>}
      <Packs task={task} />
      <Waiting parcels={own} />
      {own?.length === 0 && <Arrived task={task} />}
      {task.ended ? <p class="quiet">{t("recall.ended", { time: at(task.ended, language) })}</p> : <Answering task={task} site={site} />}
    </div>
  );
}

/** Large as on the pack, to be read at arm's length in front of a cooler. */
function Packs({ task }: { task: StopSale }) {
  const { t, language } = usePrefs();
  return (
    <ul class="packs">
      {task.packs.map((pack) => (
        <li key={pack.id}>
          <span class="pack-product" dir="auto">
            {language === "zh" ? pack.zh : pack.en}
          </span>
          <span class="pack-number">
            <small>{t("stop.number")}</small>
            <bdi>{pack.number || pack.id}</bdi>
          </span>
          <span class="pack-number">
            <small>{t("lots.expires")}</small>
            <bdi>{pack.expires || "–"}</bdi>
          </span>
          <span class="pack-there">
            {t("stop.there", { quantity: amount(pack.lying, pack.unit, t) })}
            {pack.gtin && (
              <small class="muted">
                GTIN <bdi>{pack.gtin}</bdi>
              </small>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Arrived({ task }: { task: StopSale }) {
  const { t, language } = usePrefs();
  if (!task.task.steps.length) return null;
  return (
    <ul class="arrived" role="status">
      {task.task.steps.map((step) => (
        <li key={step.step}>
          ✓ {t("stop.arrived", { step: t(`recallstep.${step.step}`), time: at(step.at, language, task.task.site), who: step.who })}
          {step.quantity !== null && ` · ${step.quantity}`}
          {step.photo && ` · ${t("recall.photo")}`}
        </li>
      ))}
    </ul>
  );
}

function Answering({ task, site }: { task: StopSale; site: string }) {
  const { t } = usePrefs();
  const stopped = task.task.steps.some((step) => step.step === "stopped" || step.step === "recovered");
  const [step, setStep] = useState<Counted>(stopped ? "recovered" : "stopped");
  const [count, setCount] = useState("");
  const [who, setWho] = useState("");
  const [photo, setPhoto] = useState<{ sha256: string; shown: string; picture: Blob } | null>(null);
  const [fault, setFault] = useState(false);
  const quantity = numberOf(count);
  const named = who.trim();

  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      const { photo: made, picture } = await scaled(file);
      setPhoto({ sha256: made.sha256, picture, shown: await dataUrl(picture) });
      setFault(false);
    } catch {
      setFault(true);
    }
  };
  const send = async (said: Step) => {
    const nowMs = Math.round(store.nowMs());
    const paper = parcelOf(task.id, site);
    const with_ = said === "notified" ? null : photo;
    if (with_) await enqueue({ what: "photo", paper, madeMs: nowMs, sha256: with_.sha256, picture: with_.picture });
    const entry = answer(task.id, site, said, said === "notified" ? null : quantity, with_?.sha256 ?? "", nowMs);
    await enqueue({ what: "goods", paper, madeMs: nowMs, who: named, why: t("stop.title"), entries: [entry] });
    if (said === "notified") return;
    setCount("");
    setPhoto(null);
    setStep("recovered");
  };
  return (
    <form class="card answering" onSubmit={(event) => (event.preventDefault(), void send(step))}>
      <div class="segments" role="group" aria-label={t("stop.step")}>
        {(["stopped", "recovered"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={one === step} onClick={() => setStep(one)}>
            {t(`stopstep.${one}`)}
          </button>
        ))}
      </div>
      <Line label={t(`stopcount.${step}`)} decimal value={count} onText={setCount} />
      <div class="photos">
        {photo && <img src={photo.shown} alt={t("recall.photo")} />}
        {fault && <p class="problem">{t("papers.photo.fault")}</p>}
        <label class="plain">
          {t(photo ? "stop.photo.again" : "stop.photo")}
          <input class="unseen" type="file" accept="image/*" capture="environment" onChange={(event) => void take(event.currentTarget.files?.[0])} />
        </label>
      </div>
      <Line label={t("lots.who")} value={who} onText={setWho} />
      <div class="send">
        <button type="submit" class="strong" disabled={!named || quantity === null || quantity < 0}>
          {t(`stopsend.${step}`)}
        </button>
        {!task.task.steps.length && (
          <button type="button" class="plain" disabled={!named} onClick={() => void send("notified")}>
            {t("stop.notified")}
          </button>
        )}
      </div>
    </form>
  );
}

/** The task as the server has it, else as this device kept it; asked again whenever something was sent. */
function useTask(recall: string, site: string, waiting: number | null): { task: StopSale | null; problem: string | null } {
  const key = `stop-sale:${recall}/${site}`;
  const [task, setTask] = useState<StopSale | null>(() => kept(key));
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    const look = () =>
      goods.stopSale(recall, site).then(
        (found) => gone || (setTask(found), setProblem(null), keep(key, found)),
        (fault: unknown) => gone || setProblem(fault instanceof Error ? fault.message : String(fault)),
      );
    void look();
    // The store is a moment behind what was sent.
    const timers = [setTimeout(() => void look(), 1000), setInterval(() => void look(), 15_000)];
    return () => {
      gone = true;
      timers.forEach(clearTimeout);
    };
  }, [key, waiting]);
  return { task, problem };
}

function kept(key: string): StopSale | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as StopSale | null;
  } catch {
    return null; // storage may be refused, or hold something else
  }
}

function keep(key: string, task: StopSale): void {
  try {
    localStorage.setItem(key, JSON.stringify(task));
  } catch {
    // see kept
  }
}

/** The page's policy lets pictures come from the server or as data only. */
function dataUrl(picture: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(picture);
  });
}
