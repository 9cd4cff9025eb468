/** A nap is this part of the time waited so far: it makes no wait much longer. */
const SHARE = 0.05;
/** Milliseconds: naps shorter than this are not worth a system call, longer ones would be felt in timers. */
const [SHORTEST, LONGEST] = [0.1, 1];

/** Sleeps through almost all of a thread's turns of the event loop while something is waited for. */
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
    const nap = Math.min(LONGEST, SHARE * (this.#now() - this.#since));
    if (nap >= SHORTEST) this.#sleep(nap);
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
 * While a WebGPU promise is pending in Node, Dawn polls for its end in each turn of the event loop and keeps a core busy with it. Where
 * the adapter computes on the same cores that is time taken from the work itself, so that the thread had better sleep in between.
 * Browsers do not poll: `null` where nothing is known of `setImmediate`.
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
