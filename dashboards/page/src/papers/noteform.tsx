// The hand-over note of raw milk (生鲜乳交接单) as a form.

import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { celsiusTyped, endTyped, tankBack, type TankTaken, tankTaken, typed } from "./editing";
import { Amount, Moment, Text } from "./fields";
import type { Beside, MilkNote, MilkTank, PaperEnd } from "./shapes";
import { Undo } from "./undo";

interface Props {
  note: MilkNote;
  locked: boolean;
  beside: ReadonlyMap<string, Beside>;
  onChange: (note: MilkNote) => void;
}

const WORDS = ["station", "plant", "plate", "permit", "driver", "escort"] as const;
const ENDS = ["departed", "arrived"] as const;

export function NoteForm({ note, locked, beside, onChange }: Props) {
  const { t } = usePrefs();
  const put = (change: Partial<MilkNote>) => onChange(typed(note, change, Date.now()));
  const putTank = (place: number, change: Partial<MilkTank>) =>
    put({ tanks: note.tanks.map((tank, at) => (at === place ? { ...tank, ...change } : tank)) });
  const [removed, setRemoved] = useState<readonly TankTaken[]>([]);
  const last = removed.at(-1);
  const remove = (place: number) => {
    const { change, taken } = tankTaken(note, place);
    setRemoved([...removed, taken]);
    put(change);
  };
  const putBack = (taken: TankTaken) => {
    setRemoved(removed.slice(0, -1));
    put(tankBack(note, taken));
  };
  return (
    <>
      <section class="card form">
        {WORDS.map((name) => (
          <Text
            key={name}
            label={t(`paper.${name}`)}
            locked={locked}
            data={note.from_data.includes(name)}
            beside={beside.get(name)}
            value={note[name]}
            onText={(text) => put({ [name]: text })}
          />
        ))}
      </section>
      {note.tanks.map((tank, place) => (
        <section class="card form" key={place}>
          <h3>{t("papers.tank", { name: tank.tank })}</h3>
          <Text label={t("paper.tank")} locked={locked} value={tank.tank} onText={(name) => putTank(place, { tank: name })} />
          <Amount
            label={t("papers.quantity", { unit: note.unit })}
            locked={locked}
            data={note.from_data.includes("tanks")}
            value={tank.quantity || null}
            onAmount={(quantity) => putTank(place, { quantity: quantity ?? 0 })}
          />
          <Text label={t("paper.seals")} locked={locked} value={(tank.seals ?? []).join(" ")} onText={(text) => putTank(place, { seals: words(text) })} />
          <Text label={t("paper.samples")} locked={locked} value={(tank.samples ?? []).join(" ")} onText={(text) => putTank(place, { samples: words(text) })} />
          {!locked && note.tanks.length > 1 && (
            <button type="button" class="plain remove" onClick={() => remove(place)}>
              {t("papers.tank.remove", { name: tank.tank })}
            </button>
          )}
        </section>
      ))}
      {!locked && last && <Undo name={t("papers.tank", { name: last.tank.tank })} onUndo={() => putBack(last)} />}
      {!locked && (
        <button type="button" class="plain" onClick={() => put({ tanks: [...note.tanks, { tank: String(note.tanks.length + 1), quantity: 0 }] })}>
          {t("papers.tank.add")}
        </button>
      )}
      {ENDS.map((name) => (
        <End key={name} name={name} note={note} locked={locked} beside={beside} onEnd={(end) => put({ [name]: end })} />
      ))}
    </>
  );
}

interface EndProps {
  name: "departed" | "arrived";
  note: MilkNote;
  locked: boolean;
  beside: ReadonlyMap<string, Beside>;
  onEnd: (end: PaperEnd) => void;
}

function End({ name, note, locked, beside, onEnd }: EndProps) {
  const { t } = usePrefs();
  const end = note[name];
  return (
    <section class="card form">
      <h3>{t(`paper.${name}`)}</h3>
      <Moment
        label={t("papers.time")}
        locked={locked}
        data={end !== null && end.known_by !== "typed"}
        beside={beside.get(`${name}.at_ms`)}
        value={end?.at_ms ?? null}
        onMoment={(ms) => onEnd(endTyped(end, ms))}
      />
      {end !== null &&
        note.tanks.map((tank) => {
          const place = end.temperatures.findIndex((one) => one.of === tank.tank || (!one.of && note.tanks.length === 1));
          const read = end.temperatures[place];
          return (
            <Amount
              key={tank.tank}
              label={t("papers.milk", { tank: tank.tank })}
              locked={locked}
              data={Boolean(read?.point)}
              beside={beside.get(`${name}.temperatures.${place}`)}
              value={read?.celsius ?? null}
              onAmount={(celsius) => onEnd(celsiusTyped(end, read ? (read.of ?? "") : tank.tank, celsius))}
            />
          );
        })}
    </section>
  );
}

function words(text: string): string[] {
  return text.split(/[\s,,、]+/).filter(Boolean);
}
