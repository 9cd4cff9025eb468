import type { Gpu } from '../device/gpu';
import type { Failures } from './failures';
import { Pace } from './pace';

/** The batches that the GPU was given: which of them it is done with, and how they are waited for. */
export class InFlight {
  readonly #gpu: Gpu;
  readonly #failures: Failures;
  readonly #pace: Pace | null;
  #unfinished: Promise<unknown>[] = [];
  /** Batches handed over so far, and how many of them are known to be done. */
  #handed = 0;
  #ended = 0;

  constructor(gpu: Gpu, failures: Failures) {
    this.#gpu = gpu;
    this.#failures = failures;
    this.#pace = gpu.info.kind === 'cpu' ? new Pace() : null;
  }

  /** A batch of so many dispatches was handed over. */
  add(dispatches: number): void {
    this.#pace?.submitted(dispatches);
    this.#handed++;
    // An adapter on the host's own cores is asked only when somebody waits: see Pace.
    if (!this.#pace) this.#unfinished.push(this.#fence());
  }

  /** To be called when all work handed over so far is known to be done. */
  mark(): () => void {
    const upTo = this.#handed;
    const mark = this.#pace?.mark ?? 0;
    return () => {
      this.#ended = Math.max(this.#ended, upTo);
      this.#pace?.reached(mark);
    };
  }

  /** Resolves when all work handed over so far is done; of a lost device, whoever waits for a result learns from `gpu.lost`. */
  #fence(): Promise<void> {
    const reached = this.mark();
    const ended = (): void => {
      this.#unfinished = this.#unfinished.filter((other) => other !== done);
      reached();
    };
    const done: Promise<void> = this.#gpu.device.queue.onSubmittedWorkDone().then(ended, ended);
    return done;
  }

  /** Sleeps while the GPU is busy for certain, where the host had better not look. */
  async rest(): Promise<void> {
    if (this.#pace) await this.#failures.unlessLost(this.#pace.rest());
  }

  /** Waits until at most `batches` batches are unfinished. Rejects when the device is lost. */
  async downTo(batches: number): Promise<void> {
    if (this.#pace && this.#handed - this.#ended > batches) {
      await this.rest();
      await this.#failures.unlessLost(this.#fence());
    }
    while (this.#unfinished.length > batches) await this.#failures.unlessLost(this.#unfinished[0]);
  }
}
