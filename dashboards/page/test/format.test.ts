import { describe, expect, test } from "vitest";
import { age, celsius, clock, duration, limit, moment, zoneOf } from "../src/format";
import { translator } from "../src/messages";
import { parseRoute } from "../src/route";
import { ServerTime } from "../src/servertime";

const zh = translator("zh");
const en = translator("en");

test.each([
  [4.14, "4.1"],
  [-18, "−18.0"],
  [-0.04, "0.0"],
  [null, "–"],
  [Number.NaN, "–"],
])("%s is shown as %s", (value, text) => expect(celsius(value)).toBe(text));

describe("durations", () => {
  test.each([
    [0, "0 秒", "0 s"],
    [59.9, "59 秒", "59 s"],
    [60, "1 分钟", "1 min"],
    [34 * 60, "34 分钟", "34 min"],
    [3600, "1 小时", "1 h"],
    [3900, "1 小时 5 分", "1 h 5 min"],
    [90_000, "1 天 1 小时", "1 d 1 h"],
  ])("%d s", (s, inZh, inEn) => {
    expect(duration(s, zh)).toBe(inZh);
    expect(duration(s, en)).toBe(inEn);
  });

  test("an age names one unit", () => {
    expect(age(12_400, zh)).toBe("12 秒前");
    expect(age(12_400, en)).toBe("12 s ago");
    expect(age(3_900_000, en)).toBe("1 h ago");
    expect(age(-500, en)).toBe("just now");
  });
});

test("an alarm's rule reads as a sentence", () => {
  expect(zh("alarm.high", { limit: limit(8), duration: duration(2040, zh) })).toBe("超上限 8 ℃,已 34 分钟");
});

test("the server's time advances by a monotonic clock and ignores the client's date", () => {
  let mono = 1000;
  const time = new ServerTime(() => mono, () => 42);
  expect(time.nowMs()).toBe(42);
  time.hear("2026-03-01T08:00:00.000Z");
  mono += 2500;
  expect(time.nowMs()).toBe(Date.parse("2026-03-01T08:00:02.500Z"));
  time.hear("2026-03-01T08:00:02.300Z"); // 200 ms late: the later estimate stands
  expect(time.nowMs()).toBe(Date.parse("2026-03-01T08:00:02.500Z"));
  time.hear("2026-03-01T07:00:00.000Z"); // the server's clock was set back
  expect(time.nowMs()).toBe(Date.parse("2026-03-01T07:00:00.000Z"));
});

test("routes", () => {
  expect(parseRoute("")).toMatchObject({ page: "overview" });
  expect(parseRoute("#/alarms")).toMatchObject({ page: "alarms" });
  const route = parseRoute("#/asset/truck%3A7?range=6h&at=5");
  expect(route).toMatchObject({ page: "asset", id: "truck:7" });
  expect(route.query.get("at")).toBe("5");
  expect(parseRoute("#/asset/%E0%A4%A")).toMatchObject({ page: "asset", id: "%E0%A4%A" });
});

describe("times of a site", () => {
  const at = Date.parse("2026-03-01T16:30:05Z");

  test("are told in its zone, whatever the viewer's is", () => {
    expect(clock(at, "zh", "Asia/Shanghai")).toBe("00:30:05");
    expect(moment(at, at + 60_000, "en", "Asia/Shanghai")).toBe("00:30");
    expect(moment(at, at - 3_600_000, "en", "Asia/Shanghai")).toBe("2 Mar 00:30");
  });

  test("a fleet has a zone when all sites share it, and a word that is none is ignored", () => {
    const sites = new Map([["a", { timezone: "Asia/Shanghai" }], ["b", { timezone: "Asia/Shanghai" }], ["c", { timezone: "Mars/Base" }]]);
    expect(zoneOf(sites, "a")).toBe("Asia/Shanghai");
    expect(zoneOf(sites, "c")).toBeUndefined();
    expect(zoneOf(sites, null)).toBeUndefined();
    sites.delete("c");
    expect(zoneOf(sites, null)).toBe("Asia/Shanghai");
  });
});

test("a pending tile says since when and how long until it alarms", () => {
  expect(zh("tile.pending.high", { limit: limit(8), duration: duration(1740, zh), left: duration(60, zh) })).toBe(
    "超上限 8 ℃,已 29 分钟,1 分钟后报警",
  );
});
