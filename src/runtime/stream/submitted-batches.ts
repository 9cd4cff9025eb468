import type { Gpu } from '../../device/gpu';
import type { Failures } from './failures';

/** The batches that were submitted: which of them are finished, and waiting for them. */
export class SubmittedBatches {
  readonly #gpu: Gpu;
  readonly #failures: Failures;
  /** Whether fences are created only when someone waits: while there is one, Dawn polls (see PollBackoff). */
  readonly #fencesOnDemand: boolean;
  #unfinished: Promise<unknown>[] = [];
  /** Number of batches submitted so far, and of those known to be finished. */
  #submitted = 0;
  #finished = 0;

  constructor(gpu: Gpu, failures: Failures) {
    this.#gpu = gpu;
    this.#failures = failures;
    this.#fencesOnDemand = gpu.info.kind === 'cpu';
  }

  /** A batch was submitted. */
  add(): void {
    this.#submitted++;
    if (!this.#fencesOnDemand) this.#unfinished.push(this.#fence());
  }

  /** Returns a function to call when all work submitted before `mark()` is known to be finished. */
  mark(): () => void {
    const upTo = this.#submitted;
    return () => {
      this.#finished = Math.max(this.#finished, upTo);
    };
  }

  /**
   * Resolves when all work submitted so far is finished, or when the device is lost: waiters learn that from
   * `gpu.lost`.
   */
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
    if (this.#fencesOnDemand && this.#submitted - this.#finished > batches)
      await this.#failures.unlessLost(this.#fence());
    while (this.#unfinished.length > batches) await this.#failures.unlessLost(this.#unfinished[0]);
  }
}
