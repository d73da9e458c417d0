// The line to the server: one WebSocket, opened again for ever, never asking twice for what it has.
//
//   connect ──open──▶ frames ──close or 15 s of silence──▶ wait 0.5 s … 15 s (with jitter) ──▶ connect
//
// The last position goes along with every connect, so the first frame brings only what was missed.

import type { Frame } from "./contract";

export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 15_000;
/** Three heartbeats of 5 s without a frame: the line is dead although nobody closed it. */
export const SILENCE_MS = 15_000;

export interface Socket {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: { data: unknown }) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  close(): void;
}

export interface LiveOptions {
  url: (since: number) => string;
  onFrame: (frame: Frame) => void;
  onState: (connected: boolean) => void;
  open?: (url: string) => Socket;
  random?: () => number;
}

/** Full jitter over the upper half: never below half the step, never above the cap. */
export function backoffMs(attempt: number, random: number): number {
  const step = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(BACKOFF_FIRST_MS, step * (0.5 + random / 2));
}

export class Live {
  #since = 0;
  #attempt = 0;
  #socket: Socket | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #options: Required<LiveOptions>;

  constructor(options: LiveOptions) {
    this.#options = {
      open: (url) => new WebSocket(url) as unknown as Socket,
      random: Math.random,
      ...options,
    };
  }

  get since(): number {
    return this.#since;
  }

  connect(): void {
    clearTimeout(this.#retry);
    this.#drop();
    const socket = this.#options.open(this.#options.url(this.#since));
    this.#socket = socket;
    this.#watchSilence();
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = () => this.#lost();
    socket.onerror = () => socket.close();
  }

  /** Try at once, for example when the browser says that the network is back. */
  hurry(): void {
    if (this.#socket) return;
    this.#attempt = 0;
    this.connect();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#drop();
  }

  #hear(data: unknown): void {
    const frame = parse(data);
    if (!frame) return;
    this.#attempt = 0;
    this.#since = frame.position;
    this.#watchSilence();
    this.#options.onFrame(frame);
    this.#options.onState(true);
  }

  #lost(): void {
    this.#drop();
    this.#options.onState(false);
    this.#retry = setTimeout(() => this.connect(), backoffMs(this.#attempt++, this.#options.random()));
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }
}

function parse(data: unknown): Frame | null {
  if (typeof data !== "string") return null;
  try {
    const frame = JSON.parse(data) as Frame;
    return typeof frame.position === "number" && typeof frame.server_time === "string" ? frame : null;
  } catch {
    return null;
  }
}
