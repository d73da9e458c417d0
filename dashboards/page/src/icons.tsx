// One shape a state, so that nobody needs the colour to tell them apart.

import type { JSX } from "preact";
import type { State } from "./state";

const stroke = { fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" } as const;

const SHAPES: Readonly<Record<State, JSX.Element>> = {
  alarm: (
    <>
      <path d="M8 .8 15.6 14.6H.4z" fill="currentColor" />
      <path d="M8 5.4v4.2M8 12v.2" fill="none" stroke="var(--icon-hole, #fff)" stroke-width="1.9" stroke-linecap="round" />
    </>
  ),
  above: <path d="M2.5 2h11M8 14V6M4.2 9.4 8 5.6l3.8 3.8" {...stroke} />,
  below: <path d="M2.5 14h11M8 2v8M4.2 6.6 8 10.4l3.8-3.8" {...stroke} />,
  pending: <path d="M4 2h8M4 14h8M5 2c0 4 6 4 6 12M11 2c0 4-6 4-6 12" {...stroke} stroke-width={1.7} />,
  fault: <path d="M5.6 1.8v3.4M10.4 1.8v3.4M3.6 5.4h8.8v2a4.4 4.4 0 0 1-8.8 0zM8 12v2.4M2 14 14 2.6" {...stroke} stroke-width={1.6} />,
  "no-data": <circle cx="8" cy="8" r="5.8" {...stroke} stroke-dasharray="2.4 3.67" />,
  "catching-up": <path d="M13.6 8A5.6 5.6 0 1 1 11.4 3.6M11.8 .9v3.2H8.6" {...stroke} />,
  "in-range": <path d="M3 8.6 6.6 12 13 4.6" {...stroke} />,
  unjudged: <path d="M4 8h8" {...stroke} />,
};

export function StateIcon({ state, class: name = "" }: { state: State; class?: string }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}

export function DoorIcon({ open }: { open: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d="M3 14V2h10v12M1.5 14h13" {...stroke} stroke-width={1.5} />
      {open ? <path d="M3 2l6.2 2.4V16L3 14z" fill="currentColor" /> : <path d="M10.4 7.4v1.6" {...stroke} stroke-width={1.8} />}
    </svg>
  );
}

export function ClockIcon({ label }: { label: string }) {
  return (
    <svg class="icon clock-off" viewBox="0 0 16 16" width="13" height="13" role="img" aria-label={label}>
      <title>{label}</title>
      <circle cx="8" cy="8" r="6" {...stroke} stroke-width={1.6} />
      <path d="M8 4.6V8l2.2 1.6M2 14 14 2" {...stroke} stroke-width={1.6} />
    </svg>
  );
}

export function ThemeIcon({ theme }: { theme: "auto" | "light" | "dark" }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {theme === "auto" && (
        <>
          <circle cx="8" cy="8" r="5.8" {...stroke} stroke-width={1.6} />
          <path d="M8 2.2a5.8 5.8 0 0 1 0 11.6z" fill="currentColor" />
        </>
      )}
      {theme === "light" && (
        <path
          d="M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 .9v1.2M8 13.9v1.2M.9 8h1.2M13.9 8h1.2M3 3l.8.8M12.2 12.2l.8.8M3 13l.8-.8M12.2 3.8 13 3"
          {...stroke}
          stroke-width={1.6}
        />
      )}
      {theme === "dark" && <path d="M13.6 9.6A6 6 0 0 1 6.4 2.4a6 6 0 1 0 7.2 7.2z" {...stroke} stroke-width={1.6} />}
    </svg>
  );
}

export function PageIcon({ sign }: { sign: string }) {
  return (
    <svg class="icon page-icon" viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
      <path d={sign} {...stroke} stroke-width={1.4} />
    </svg>
  );
}

export function MoreIcon() {
  return <PageIcon sign="M3 8h.1M8 8h.1M13 8h.1" />;
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--brand)" />
      <path d="M12.5 7a3.5 3.5 0 0 1 7 0v10.2a6 6 0 1 1-7 0z" fill="none" stroke="#fff" stroke-width="2" />
      <circle cx="16" cy="22" r="3" fill="#fff" />
      <path d="M16 22V13" stroke="#fff" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  );
}
