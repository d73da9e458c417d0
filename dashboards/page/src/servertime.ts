// The server's clock, as the page knows it: never the client's own date.

export interface Monotonic {
  (): number;
}

/**
 * Follows the server's time: between frames it advances with a monotonic clock, so a wrong or adjusted clock
 * on this machine changes no age. A frame is always a little late, so within a second the later estimate stands.
 */
export class ServerTime {
  #serverMs: number | null = null;
  #anchor = 0;

  constructor(
    private readonly monotonic: Monotonic = () => performance.now(),
    private readonly fallback: () => number = () => Date.now(),
  ) {}

  hear(serverTime: string): void {
    const said = Date.parse(serverTime);
    if (Number.isNaN(said)) return;
    const mono = this.monotonic();
    const estimate = this.#serverMs === null ? null : this.#serverMs + (mono - this.#anchor);
    if (estimate !== null && estimate > said && estimate - said < 1000) return;
    this.#serverMs = said;
    this.#anchor = mono;
  }

  get heard(): boolean {
    return this.#serverMs !== null;
  }

  nowMs(): number {
    return this.#serverMs === null ? this.fallback() : this.#serverMs + (this.monotonic() - this.#anchor);
  }
}
