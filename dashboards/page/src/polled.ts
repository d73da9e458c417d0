// What is asked again and again while a page is open; what came last stands until something newer comes.

import { useEffect, useRef, useState } from "preact/hooks";

/** Stores are a moment behind what was just written. */
const BEHIND_MS = 700;

export interface Polled<T> {
  value: T | null;
  error: string | null;
  /** Ask again, at once and a moment later: somebody just wrote something. */
  again: () => void;
}

/** Ask now and every so many ms; another key forgets what came for the one before. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number, key: string): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const looking = useRef(() => {});
  useEffect(() => {
    let gone = false;
    const look = () =>
      ask().then(
        (found) => gone || (setValue(found), setError(null)),
        (problem: unknown) => gone || setError(String(problem instanceof Error ? problem.message : problem)),
      );
    looking.current = () => {
      void look();
      setTimeout(() => void (gone || look()), BEHIND_MS);
    };
    setValue(null);
    setError(null);
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [key]);
  return { value, error, again: () => looking.current() };
}
