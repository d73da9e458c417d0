import { expect, test } from "vitest";
import { blankCorrection, fresh, isOwn, lacking } from "../src/corrective/needed";
import type { Correction } from "../src/corrective/shapes";

const PHOTO = { sha256: "ab".repeat(32), size: 10, type: "image/jpeg" } as const;
const said = (more: Partial<Correction>): Correction => ({ ...blankCorrection("a"), ...more });

test("one tap on a cause is all that a minor one needs", () => {
  expect(lacking("minor", said({ cause: "restocking" }))).toEqual([]);
  expect(lacking("minor", said({}))).toEqual(["cause"]);
});

test("something else needs words", () => expect(lacking("minor", said({ cause: "other" }))).toEqual(["action"]));

test("a serious one needs what was done and a photo", () => {
  expect(lacking("serious", said({ cause: "broken" }))).toEqual(["action", "photos"]);
  expect(lacking("serious", said({ cause: "broken", action: "moved", photos: [PHOTO] }))).toEqual([]);
});

test("a severe one is not done without the disposition of the goods; a photo is evidence", () => {
  const most = { cause: "broken", action: "moved", responsible: "x", due_ms: 1, photos: [PHOTO] } as const;
  expect(lacking("severe", said({ ...most, photos: [PHOTO] }))).toEqual(["disposition"]);
  expect(lacking("severe", said({ ...most, photos: [], disposition: "destroyed" }))).toEqual(["evidence"]);
  expect(lacking("severe", said({ ...most, photos: [], disposition: "destroyed", evidence: "17" }))).toEqual([]);
});

test("an id fits what the server takes", () => {
  for (let i = 0; i < 100; i++) expect(fresh("c", 1_700_000_000_000)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
});

test("who did it or answers for it is the same person, however it is written", () => {
  const correction = said({ id: "c1", responsible: "老李" });
  const history = [{ position: 1, received_at: "", who: "Wang", why: "", entry: { put: "correction", id: "c1" }, refused: "", refused_zh: "", refused_en: "" }];
  expect(["wang ", "老 李", "品管", ""].map((who) => isOwn(who, { correction, history }))).toEqual([true, true, false, false]);
});
