// 换车: another vehicle goes on with a trip; which lots move is shown before it is said.

import { useEffect, useState } from "preact/hooks";
import { api, postVehicleChange } from "./api";
import type { Trip, VehicleChange } from "./contract";
import { usePrefs } from "./prefs";
import { store, useStore } from "./store";

export function ChangeVehicle({ trip }: { trip: Trip }) {
  const { t } = usePrefs();
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState("");
  return (
    <section class="card change-vehicle" aria-labelledby="trip-change">
      <h2 id="trip-change">{t("trip.changed")}</h2>
      {done && <p role="status">{t("change.done", { vehicle: done })}</p>}
      {!open && (
        <button type="button" class="plain" onClick={() => (setOpen(true), setDone(""))}>
          {t("change.open")}
        </button>
      )}
      {open && <Form trip={trip} onDone={(vehicle) => (setOpen(false), setDone(vehicle))} onCancel={() => setOpen(false)} />}
    </section>
  );
}

interface FormProps {
  trip: Trip;
  onDone: (vehicleName: string) => void;
  onCancel: () => void;
}

function Form({ trip, onDone, onCancel }: FormProps) {
  const { t } = usePrefs();
  const { registry } = useStore();
  const [vehicle, setVehicle] = useState("");
  const [minutesAgo, setMinutesAgo] = useState("0");
  const [who, setWho] = useState("");
  const [why, setWhy] = useState("");
  const [atMs, setAtMs] = useState(() => store.nowMs());
  const [shown, setShown] = useState<VehicleChange | null>(null);
  const [problem, setProblem] = useState("");
  const [saying, setSaying] = useState(false);
  useEffect(() => {
    setShown(null);
    setProblem("");
    if (!vehicle) return;
    let current = true;
    const from = store.nowMs() - Math.max(0, Number(minutesAgo) || 0) * 60_000;
    setAtMs(from);
    api.vehicleChange(trip.id, vehicle, from).then(
      (found) => current && setShown(found),
      (fault: unknown) => current && setProblem(fault instanceof Error ? fault.message : String(fault)),
    );
    return () => void (current = false);
  }, [trip.id, vehicle, minutesAgo]);
  const say = async () => {
    setSaying(true);
    try {
      const put = { put: "trip-vehicle", trip: trip.id, vehicle, from_ms: Math.round(atMs) };
      const { status, detail } = await postVehicleChange(trip.id, { who: who.trim(), why: why.trim(), entries: [put] });
      if (status < 300) onDone(shown?.vehicle_name ?? vehicle);
      else setProblem(detail);
    } catch (fault) {
      setProblem(fault instanceof Error ? fault.message : String(fault));
    } finally {
      setSaying(false);
    }
  };
  const vehicles = [...(registry?.sites.values() ?? [])].filter((site) => site.kind === "vehicle" && site.id !== trip.vehicle);
  const can = shown !== null && shown.nowhere.length === 0 && who.trim() !== "" && why.trim() !== "" && !saying;
  return (
    <form class="form" onSubmit={(event) => (event.preventDefault(), void say())}>
      <label class="field">
        <span class="field-name">{t("change.vehicle")}</span>
        <select value={vehicle} onChange={(event) => setVehicle(event.currentTarget.value)}>
          <option value="">{t("change.choose")}</option>
          {vehicles.map((site) => (
            <option key={site.id} value={site.id}>
              {site.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field-name">{t("change.ago")}</span>
        <input type="number" inputMode="numeric" min="0" step="1" value={minutesAgo} onInput={(event) => setMinutesAgo(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span class="field-name">{t("papers.name")}</span>
        <input type="text" value={who} onInput={(event) => setWho(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span class="field-name">{t("change.why")}</span>
        <input type="text" value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      {shown && <Preview change={shown} />}
      {problem && <p class="problem">{t("papers.not-taken", { detail: problem })}</p>}
      <span class="with-button">
        <button type="submit" class="strong" disabled={!can}>
          {t("change.say")}
        </button>
        <button type="button" class="plain" onClick={onCancel}>
          {t("papers.cancel")}
        </button>
      </span>
    </form>
  );
}

function Preview({ change }: { change: VehicleChange }) {
  const { t, language } = usePrefs();
  const place = (text: string) => {
    const id = text.replace(/^\w+:/, "");
    return store.registry?.assets.get(id)?.name ?? id;
  };
  return (
    <div class="moves">
      <p>
        <bdi>{change.before_name}</bdi> → <b dir="auto">{change.vehicle_name}</b> · {t("change.lots", { n: change.lots.length })}
      </p>
      <ul>
        {change.lots.map((lot) => (
          <li key={`${lot.lot} ${lot.from}`}>
            <b>{lot.number || lot.lot}</b> {lot.quantity !== null && `${lot.quantity} ${lot.unit}`}{" "}
            <span class="muted">
              {place(lot.from)} → {place(lot.to)}
            </span>
          </li>
        ))}
      </ul>
      {change.nowhere.map((one) => (
        <p key={one.en} class="problem">
          {one[language]}
        </p>
      ))}
    </div>
  );
}
