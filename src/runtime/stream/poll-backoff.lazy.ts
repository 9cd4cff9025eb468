/** Each sleep takes this fraction of the time already waited, so that no wait becomes longer by more than that. */
const SLEEP_FRACTION = 0.05;
/** Milliseconds: a shorter sleep is not worth a system call, a longer one would delay timers noticeably. */
const [SHORTEST, LONGEST] = [0.1, 1];

/** Sleeps in each turn of the event loop while something is awaited. */
export class PollBackoff {
  readonly #later: (turn: () => void) => void;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => void;
  #waiting = 0;
  #since = 0;
  #turning = false;

  /** `later`: runs a function in the next turn of the event loop; `now` in milliseconds; `sleep` blocks the thread. */
  constructor(later: (turn: () => void) => void, now: () => number, sleep: (ms: number) => void) {
    this.#later = later;
    this.#now = now;
    this.#sleep = sleep;
  }

  readonly #turn = (): void => {
    this.#turning = this.#waiting > 0;
    if (!this.#turning) return;
    const ms = Math.min(LONGEST, SLEEP_FRACTION * (this.#now() - this.#since));
    if (ms >= SHORTEST) this.#sleep(ms);
    this.#later(this.#turn);
  };

  /** Settles as `work` does. */
  async during<T>(work: Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#since = this.#now();
    if (!this.#turning) {
      this.#turning = true;
      this.#later(this.#turn);
    }
    try {
      return await work;
    } finally {
      this.#waiting--;
    }
  }
}

/**
 * While a WebGPU promise is pending in Node, Dawn polls in each turn of the event loop, which keeps a core busy. A
 * software adapter computes on the same cores, so the thread sleeps between polls. Browsers do not poll: `null` where
 * there is no `setImmediate`.
 */
export function nodePollBackoff(): PollBackoff | null {
  const { setImmediate } = globalThis as { setImmediate?: (turn: () => void) => void };
  if (!setImmediate) return null;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const sleep = (ms: number): void => {
    Atomics.wait(cell, 0, 0, ms);
  };
  return new PollBackoff(setImmediate, () => performance.now(), sleep);
}
