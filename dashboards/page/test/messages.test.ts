/// <reference types="vite/client" />
import { expect, test } from "vitest";
import { pickLanguage } from "../src/prefs";
import en from "../src/messages/en.json";
import zh from "../src/messages/zh.json";

const SOURCES = Object.values(
  import.meta.glob(["../src/**/*.ts", "../src/**/*.tsx"], { query: "?raw", import: "default", eager: true }) as Record<string, string>,
).join("\n");

const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test("both catalogues have the same keys", () => expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort()));

test("no message is empty", () => {
  for (const [key, text] of [...Object.entries(zh), ...Object.entries(en)]) expect(text, key).not.toBe("");
});

test("every message has the same slots in both languages", () => {
  for (const key of Object.keys(zh)) expect(slots(en[key as keyof typeof en]), key).toEqual(slots(zh[key as keyof typeof zh]));
});

test("every key that the sources name exists", () => {
  const named = [...SOURCES.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1] as string);
  expect(named.length).toBeGreaterThan(50);
  for (const key of named) expect(zh, key).toHaveProperty([key]);
});

test("every key is used", () => {
  const templates = [...SOURCES.matchAll(/`([\w-]*\.?)\$\{[^`]*`/g)].map((match) => match[1] as string);
  const prefixes = new Set([...templates.filter((prefix) => prefix.includes(".")), ...["alarm.", "position.", "quantity.", "quality.", "fault.", "kind.", "site.", "activity.", "evidence.", "rulename.", "field.", "said.", "source.", "way.", "tripevent.", "triprule.", "legwhy.", "lothole.", "lotdoubt.", "lotchange.", "lotgone."]]);
  const unused = Object.keys(zh).filter((key) => !SOURCES.includes(`"${key}"`) && ![...prefixes].some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});

test("the language is the kept one, else the browser's, else English", () => {
  expect(pickLanguage("en", "zh-CN")).toBe("en");
  expect(pickLanguage(null, "zh-TW")).toBe("zh");
  expect(pickLanguage("fr", "fr")).toBe("en");
});
