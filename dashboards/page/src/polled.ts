// What is asked again and again while a page is open; what came last stands until something newer comes.

import { useEffect, useState } from "preact/hooks";

/** Ask now and every so many ms; another key forgets what came for the one before. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number, key: string): { value: T | null; error: string | null } {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    const look = () =>
      ask().then(
        (found) => gone || (setValue(found), setError(null)),
        (problem: unknown) => gone || setError(String(problem instanceof Error ? problem.message : problem)),
      );
    setValue(null);
    setError(null);
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [key]);
  return { value, error };
}
