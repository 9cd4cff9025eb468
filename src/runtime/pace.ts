/** Waits shorter than this are not worth a timer. */
const SHORTEST = 5;
/** The part of the expected time that is slept through; the rest is waited for. */
const SHARE = 0.7;
/** How many waits the expectation remembers; the shortest counts, so that one slow wait does no harm. */
const MEMORY = 3;
/** Work is not expected to take longer than so many times the longest of these waits: after few large kernels come many small ones. */
const GROWTH = 2;

/**
 * Sleeps through most of a software adapter's work. While a WebGPU promise is pending, Dawn polls for its end and keeps a core
 * busy with it: on an adapter that computes on the same cores, that is time taken from the work itself. So the promise is only
 * asked for when the work should be nearly done, judged by how long the last ones took.
 */
export class Pace {
  /** Dispatches handed over so far, and how many of them are known to be done. */
  #given = 0;
  #done = 0;
  /** When the oldest unfinished work was handed over. */
  #since = 0;
  /** Milliseconds of the last waits: in all, and for a dispatch. */
  readonly #recent: { all: number; each: number }[] = [];
  readonly #now: () => number;
  /** When the last sleep ended; 0 when there was none since the last wait. */
  #woke = 0;

  /** `now`: the time in milliseconds. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Work of so many dispatches was handed to the queue. */
  submitted(dispatches: number): void {
    if (this.#done === this.#given) this.#since = this.#now();
    this.#given += dispatches;
  }

  /** A mark for `reached()`: all work up to now. */
  get mark(): number {
    return this.#given;
  }

  /** All work up to `mark` is done. */
  reached(mark: number): void {
    if (mark <= this.#done) return;
    const now = this.#now();
    // Done as soon as awake: it slept too long, nobody knows by how much, and must not take that for the work's time.
    const overslept = this.#woke > 0 && now - this.#woke < SHORTEST;
    this.#woke = 0;
    const all = (overslept ? 0.5 : 1) * (now - this.#since);
    this.#recent.push({ all, each: all / (mark - this.#done) });
    if (this.#recent.length > MEMORY) this.#recent.shift();
    this.#done = mark;
    this.#since = now;
  }

  /** Milliseconds that the work up to now will take for certain, as far as one can tell. */
  get expected(): number {
    if (this.#recent.length < MEMORY) return 0;
    const total = Math.min(...this.#recent.map(({ each }) => each)) * (this.#given - this.#done);
    const longest = Math.max(...this.#recent.map(({ all }) => all));
    return SHARE * Math.min(total, GROWTH * longest) - (this.#now() - this.#since);
  }

  /** Sleeps through what is expected. */
  async rest(): Promise<void> {
    const { expected } = this;
    if (expected < SHORTEST) return;
    await new Promise((resolve) => setTimeout(resolve, expected));
    this.slept();
  }

  /** A sleep has just ended. */
  slept(): void {
    this.#woke = this.#now();
  }
}
