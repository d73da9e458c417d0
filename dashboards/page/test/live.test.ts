import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Frame } from "../src/contract";
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS, backoffMs, Live, SILENCE_MS, type Socket } from "../src/live";

class FakeSocket implements Socket {
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  closed = false;
  constructor(readonly url: string) {}
  close(): void {
    this.closed = true;
    this.onclose?.(undefined as never);
  }
  say(position: number): void {
    this.onmessage?.({ data: JSON.stringify({ position, server_time: "2026-03-01T08:00:00Z" }) });
  }
}

let sockets: FakeSocket[];
let frames: Frame[];
let states: boolean[];
let live: Live;
const last = () => sockets.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  frames = [];
  states = [];
  live = new Live({
    url: (since) => `since=${since}`,
    onFrame: (frame) => frames.push(frame),
    onState: (connected) => states.push(connected),
    random: () => 1,
    open: (url) => {
      sockets.push(new FakeSocket(url));
      return last();
    },
  });
  live.connect();
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

test("a lost line is opened again from the last position", () => {
  last().say(77);
  last().close();
  expect(states).toEqual([true, false]);
  vi.advanceTimersByTime(BACKOFF_FIRST_MS);
  expect(sockets.map((socket) => socket.url)).toEqual(["since=0", "since=77"]);
});

test("the waits double up to the cap and start over after a frame", () => {
  for (const wait of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
    const before = sockets.length;
    last().close();
    vi.advanceTimersByTime(wait - 1);
    expect(sockets.length).toBe(before);
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(before + 1);
  }
  last().say(1);
  last().close();
  vi.advanceTimersByTime(BACKOFF_FIRST_MS);
  expect(last().url).toBe("since=1");
});

test("silence is a dead line although nobody closed it", () => {
  last().say(5);
  const dead = last();
  vi.advanceTimersByTime(SILENCE_MS + BACKOFF_FIRST_MS);
  expect(dead.closed).toBe(true);
  expect(last().url).toBe("since=5");
});

test("what is not a frame is ignored", () => {
  last().onmessage?.({ data: "{" });
  last().onmessage?.({ data: "{}" });
  last().onmessage?.({ data: new ArrayBuffer(2) });
  expect(frames).toEqual([]);
});

test("jitter stays between the first step and the cap", () => {
  for (let attempt = 0; attempt < 40; attempt++)
    for (const random of [0, 0.5, 1]) {
      const wait = backoffMs(attempt, random);
      expect(wait).toBeGreaterThanOrEqual(BACKOFF_FIRST_MS);
      expect(wait).toBeLessThanOrEqual(BACKOFF_MAX_MS);
    }
});
