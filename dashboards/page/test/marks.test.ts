import { expect, test } from "vitest";
import { translator } from "../src/messages";
import { markWords } from "../src/marks";

const AT = "2026-03-01T02:00:00Z";

test("a mark says what was and what is, and says so where nothing was", () => {
  const zh = translator("zh");
  expect(markWords({ at: AT, kind: "probe", before: "urn:a", after: "urn:b" }, zh)).toBe("更换探头:urn:a → urn:b");
  expect(markWords({ at: AT, kind: "calibration", before: "", after: "JL-1" }, zh)).toBe("校准:证书 无 → JL-1");
});

test("an activity is told in the reader's words", () => {
  expect(markWords({ at: AT, kind: "activity", before: "in-use", after: "stored" }, translator("en"))).toBe("in use → not in use");
});
