// The hand-over of a delivery (收货验收) as a form.

import { useRef, useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { accepted, celsiusTyped, delivered, emptyLine, endTyped, typed, withAt, withLines, without } from "./editing";
import { Amount, Choice, Moment, Text } from "./fields";
import { Photos } from "./photos";
import type { Beside, Delivery, DeliveryLine } from "./shapes";
import { Undo } from "./undo";

interface Props {
  delivery: Delivery;
  locked: boolean;
  beside: ReadonlyMap<string, Beside>;
  missing: readonly string[];
  onChange: (delivery: Delivery) => void;
}

const WORDS = ["site", "order", "plate", "driver"] as const;

export function DeliveryForm({ delivery, locked, beside, missing, onChange }: Props) {
  const { t } = usePrefs();
  const put = (change: Partial<Delivery>) => onChange(typed(delivery, change, Date.now()));
  const now = useRef(delivery); // a picture is ready a moment later: what was written meanwhile stays
  now.current = delivery;
  const putLines = (lines: DeliveryLine[]) => onChange(withLines(now.current, lines, Date.now()));
  const [removed, setRemoved] = useState<readonly { place: number; line: DeliveryLine }[]>([]);
  const remove = (place: number) => {
    setRemoved([...removed, { place, line: delivery.lines[place] as DeliveryLine }]);
    putLines(without(now.current.lines, place));
  };
  const last = removed.at(-1);
  const putBack = ({ place, line }: { place: number; line: DeliveryLine }) => {
    setRemoved(removed.slice(0, -1));
    putLines(withAt(now.current.lines, place, line));
  };
  const arrived = delivery.arrived;
  const boxes = arrived?.temperatures.length ? arrived.temperatures.map((one) => one.of ?? "") : [""];
  return (
    <>
      <section class="card form">
        {WORDS.map((name) => (
          <Text
            key={name}
            label={t(`paper.${name}`)}
            locked={locked}
            data={delivery.from_data.includes(name)}
            beside={beside.get(name)}
            value={delivery[name]}
            onText={(text) => put({ [name]: text })}
          />
        ))}
      </section>
      <section class="card form">
        <Moment
          label={t("paper.arrived")}
          locked={locked}
          data={arrived !== null && arrived.known_by !== "typed"}
          beside={beside.get("arrived.at_ms")}
          value={arrived?.at_ms ?? null}
          onMoment={(ms) => put({ arrived: endTyped(arrived, ms) })}
        />
        {arrived !== null &&
          boxes.map((box, place) => (
            <Amount
              key={box}
              label={t("papers.box")}
              locked={locked}
              data={Boolean(arrived.temperatures[place]?.point)}
              beside={beside.get(`arrived.temperatures.${place}`)}
              value={arrived.temperatures[place]?.celsius ?? null}
              onAmount={(celsius) => put({ arrived: celsiusTyped(arrived, box, celsius) })}
            />
          ))}
        <Choice
          label={t("paper.packing")}
          locked={locked}
          value={delivery.packing}
          choices={[["intact", t("papers.intact")], ["damaged", t("papers.damaged")]]}
          onChoice={(packing) => put({ packing })}
        />
        <Choice
          label={t("paper.certificate")}
          locked={locked}
          value={delivery.certificate}
          choices={[["seen", t("papers.seen")], ["missing", t("papers.missing")]]}
          onChoice={(certificate) => put({ certificate })}
        />
      </section>
      {delivery.lines.map((line, place) => (
        <Line
          key={place}
          line={line}
          paper={delivery.id}
          locked={locked}
          missing={missing}
          onRemove={() => remove(place)}
          onLine={(changed) => putLines(now.current.lines.map((one, at) => (at === place ? changed : one)))}
        />
      ))}
      {!locked && last && <Undo name={lineName(last.line) || t("papers.line")} onUndo={() => putBack(last)} />}
      {!locked && (
        <button type="button" class="plain" onClick={() => putLines([...delivery.lines, emptyLine()])}>
          {t("papers.line.add")}
        </button>
      )}
      <section class="card form">
        <p class="decision">
          {t("paper.decision")} <b>{delivery.decision ? t(`decision.${delivery.decision}`) : "–"}</b>
        </p>
        <Text label={t("paper.remark")} locked={locked} value={delivery.remark} onText={(remark) => put({ remark })} />
        <Photos
          label={t("papers.photo.delivery")}
          photos={delivery.photos}
          paper={delivery.id}
          locked={locked}
          missing={missing}
          onPhotos={(photos) => onChange(typed(now.current, { photos }, Date.now()))}
        />
      </section>
    </>
  );
}

interface LineProps {
  line: DeliveryLine;
  paper: string;
  locked: boolean;
  missing: readonly string[];
  onRemove: () => void;
  onLine: (line: DeliveryLine) => void;
}

function lineName(line: DeliveryLine): string {
  return [line.product, line.number].filter(Boolean).join(" ");
}

function Line({ line, paper, locked, missing, onRemove, onLine }: LineProps) {
  const { t } = usePrefs();
  const now = useRef(line);
  now.current = line;
  const put = (change: Partial<DeliveryLine>) => onLine({ ...now.current, ...change });
  const hand = line.celsius ?? null;
  return (
    <section class="card form">
      <Text label={t("paper.product")} locked={locked} value={line.product} onText={(product) => put({ product })} />
      <Text label={t("paper.number")} locked={locked} value={line.number ?? ""} onText={(number) => put({ number })} />
      {line.lot && <p class="quiet-line">{t("papers.lot", { lot: line.lot })}</p>}
      <Amount label={t("papers.came", { unit: line.unit })} locked={locked} value={line.delivered ?? null} onAmount={(count) => onLine(delivered(line, count))} />
      <Amount label={t("papers.accepted")} locked={locked} value={line.accepted ?? null} onAmount={(count) => onLine(accepted(line, count))} />
      {Boolean(line.refused) && (
        <>
          <p class="refused">{t("papers.refused", { count: String(line.refused), unit: line.unit })}</p>
          <Text label={t("paper.reason")} locked={locked} value={line.reason ?? ""} onText={(reason) => put({ reason })} />
          <Photos photos={line.photos ?? []} paper={paper} locked={locked} missing={missing} onPhotos={(photos) => put({ photos })} />
        </>
      )}
      <Amount
        label={t("papers.hand")}
        locked={locked}
        value={hand?.celsius ?? null}
        onAmount={(celsius) => put({ celsius: celsius === null ? null : { celsius, thermometer: hand?.thermometer ?? "" } })}
      />
      {hand !== null && (
        <Text label={t("papers.thermometer")} locked={locked} value={hand.thermometer ?? ""} onText={(thermometer) => put({ celsius: { ...hand, thermometer } })} />
      )}
      {!locked && (
        <button type="button" class="plain remove" onClick={onRemove}>
          {t("papers.line.remove", { name: lineName(line) || t("papers.line") })}
        </button>
      )}
    </section>
  );
}
