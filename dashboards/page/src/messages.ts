// Words for people, one catalogue a language; a key that does not exist does not compile.

import en from "./messages/en.json";
import zh from "./messages/zh.json";

export type Key = keyof typeof zh & keyof typeof en;
export type Language = "zh" | "en";
export type Values = Readonly<Record<string, string | number>>;
export type Translate = (key: Key, values?: Values) => string;

const CATALOGUES: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { zh, en };

export function translator(language: Language): Translate {
  const catalogue = CATALOGUES[language];
  return (key, values) =>
    values ? catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : catalogue[key];
}

/** Translate a word that the server chose, such as a quality flag: an unknown one is shown as it came. */
export function known(t: Translate, prefix: string, word: string, values?: Values): string {
  const key = `${prefix}.${word}`;
  return Object.hasOwn(zh, key) ? t(key as Key, values) : word;
}
