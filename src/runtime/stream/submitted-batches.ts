import type { Gpu } from '../../device/gpu';
import type { Failures } from './failures';

/** The batches that the GPU was given: which of them it is done with, and how they are waited for. */
export class SubmittedBatches {
  readonly #gpu: Gpu;
  readonly #failures: Failures;
  /** Whether the GPU is asked only when somebody waits: while it is, Dawn polls (see PollBackoff). */
  readonly #asksLate: boolean;
  #unfinished: Promise<unknown>[] = [];
  /** Batches handed over so far, and how many of them are known to be done. */
  #handed = 0;
  #ended = 0;

  constructor(gpu: Gpu, failures: Failures) {
    this.#gpu = gpu;
    this.#failures = failures;
    this.#asksLate = gpu.info.kind === 'cpu';
  }

  /** A batch was handed over. */
  add(): void {
    this.#handed++;
    if (!this.#asksLate) this.#unfinished.push(this.#fence());
  }

  /** To be called when all work handed over so far is known to be done. */
  mark(): () => void {
    const upTo = this.#handed;
    return () => {
      this.#ended = Math.max(this.#ended, upTo);
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

  /** Waits until at most `batches` batches are unfinished. Rejects when the device is lost. */
  async downTo(batches: number): Promise<void> {
    if (this.#asksLate && this.#handed - this.#ended > batches) await this.#failures.unlessLost(this.#fence());
    while (this.#unfinished.length > batches) await this.#failures.unlessLost(this.#unfinished[0]);
  }
}
