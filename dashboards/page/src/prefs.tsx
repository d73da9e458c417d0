// Language and theme: what this viewer chose, kept in this browser.

import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { type Language, type Translate, translator } from "./messages";

export type Theme = "auto" | "light" | "dark";

export interface Prefs {
  language: Language;
  theme: Theme;
  t: Translate;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
}

export function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage may be refused; the choice then lasts for this page
  }
}

export function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // see read
  }
}

export function pickLanguage(kept: string | null, browser: string): Language {
  if (kept === "zh" || kept === "en") return kept;
  return browser.toLowerCase().startsWith("zh") ? "zh" : "en";
}

const Context = createContext<Prefs | null>(null);

export function PrefsProvider({ children }: { children: ComponentChildren }) {
  const [language, setLanguage] = useState<Language>(() => pickLanguage(read("language"), navigator.language));
  const [theme, setTheme] = useState<Theme>(() => {
    const kept = read("theme");
    return kept === "light" || kept === "dark" ? kept : "auto";
  });
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    dispatchEvent(new Event("themechange"));
  }, [theme]);
  const prefs = useMemo<Prefs>(
    () => ({
      language,
      theme,
      t: translator(language),
      setLanguage: (chosen) => (write("language", chosen), setLanguage(chosen)),
      setTheme: (chosen) => (write("theme", chosen), setTheme(chosen)),
    }),
    [language, theme],
  );
  return <Context.Provider value={prefs}>{children}</Context.Provider>;
}

export function usePrefs(): Prefs {
  const prefs = useContext(Context);
  if (!prefs) throw new Error("usePrefs outside PrefsProvider");
  return prefs;
}
