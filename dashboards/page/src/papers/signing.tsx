// Who signed a paper, and signing it here.

import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { lacking } from "./canonical";
import { Drawn, Pad } from "./pad";
import type { Paper, Role } from "./shapes";

export interface Given {
  role: Role;
  name: string;
  stroke: string;
  counts: boolean;
}

interface Props {
  paper: Paper;
  roles: readonly Role[];
  given: readonly Given[];
  locked: boolean;
  onSign: (role: Role, name: string, phone: string, stroke: string) => void;
}

export function Signing({ paper, roles, given, locked, onSign }: Props) {
  const { t } = usePrefs();
  const [open, setOpen] = useState<Role | null>(null);
  return (
    <section class="signing">
      <h2>{t("papers.signatures")}</h2>
      {roles.map((role) => {
        const counting = given.filter((one) => one.role === role && one.counts).at(-1);
        const lacks = lacking(paper, role);
        return (
          <div class="card signature" key={role}>
            <h3>{t(`role.${role}`)}</h3>
            {counting && (
              <>
                <Drawn stroke={counting.stroke} />
                <p>{counting.name}</p>
              </>
            )}
            {!counting && given.some((one) => one.role === role) && <p class="problem">{t("papers.void")}</p>}
            {!counting && !locked && lacks.length > 0 && (
              <p class="quiet-line">{t("papers.lacking", { fields: lacks.map((name) => t(`lacking.${name}` as "lacking.tanks")).join(", ") })}</p>
            )}
            {!counting && !locked && lacks.length === 0 && open !== role && (
              <button type="button" class="strong" onClick={() => setOpen(role)}>
                {t("papers.sign")}
              </button>
            )}
            {open === role && !counting && (
              <Sign
                name={role === "driver" ? paper.driver : role === "escort" && paper.put === "milk-note" ? paper.escort : ""}
                onSign={(name, phone, stroke) => (setOpen(null), onSign(role, name, phone, stroke))}
              />
            )}
          </div>
        );
      })}
    </section>
  );
}

function Sign({ name: known, onSign }: { name: string; onSign: (name: string, phone: string, stroke: string) => void }) {
  const { t } = usePrefs();
  const [name, setName] = useState(known);
  const [phone, setPhone] = useState("");
  const [stroke, setStroke] = useState("");
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        onSign(name.trim(), phone.trim(), stroke);
      }}
    >
      <label class="field">
        <span class="field-name">{t("papers.name")}</span>
        <input type="text" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span class="field-name">{t("papers.phone")}</span>
        <input type="tel" value={phone} onInput={(event) => setPhone(event.currentTarget.value)} />
      </label>
      <Pad onDraw={setStroke} />
      <button type="submit" class="strong" disabled={!name.trim() || !stroke}>
        {t("papers.sign.done")}
      </button>
    </form>
  );
}
