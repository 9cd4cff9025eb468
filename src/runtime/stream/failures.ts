import { DeviceLostError, GpuError } from '../../device/errors';
import type { Gpu } from '../../device/gpu';
import type { PollBackoff } from './poll-backoff.lazy';

/** Milliseconds to wait, after a failure, for WebGPU to report that the device was lost. */
const GRACE = 50;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Someone who waits for results; an error that occurs meanwhile is reported to them too. */
interface Waiter {
  error: Error | null;
}

/** The errors of GPU work: it fails asynchronously, so an error is stored until someone waits for results. */
export class Failures {
  readonly #gpu: Gpu;
  readonly #backoff: PollBackoff | null;
  #pending: Error | null = null;
  readonly #waiters = new Set<Waiter>();
  readonly #onLost = new Set<(error: DeviceLostError) => void>();

  /** `backoff` sleeps while something is awaited. */
  constructor(gpu: Gpu, backoff: PollBackoff | null) {
    this.#gpu = gpu;
    this.#backoff = backoff;
    void gpu.lost.then((error) => {
      for (const reject of this.#onLost) reject(error);
    });
  }

  /** Stores the first error; `op` is the one that needed what failed. */
  report(error: unknown, op?: string): void {
    const found = asError(error);
    this.#pending ??=
      op === undefined || found instanceof DeviceLostError
        ? found
        : new GpuError(`${op}: ${found.message}`, { cause: found });
  }

  /** Runs `work`; throws the first error that was reported before or meanwhile. */
  async guard(work: () => Promise<void>): Promise<void> {
    const me: Waiter = { error: null };
    this.#waiters.add(me);
    let failure: Error | null = null;
    try {
      await work();
    } catch (error) {
      failure = asError(error);
    }
    this.#notifyWaiters();
    this.#waiters.delete(me);
    // What the GPU reported is the cause of what failed then.
    const error = me.error ?? failure;
    if (error) throw error;
  }

  #notifyWaiters(): void {
    const reported = this.#gpu.takeErrors();
    const error = this.#pending ?? this.#gpu.lostError ?? reported.at(0);
    this.#pending = null;
    if (!error) return;
    for (const waiter of this.#waiters) waiter.error ??= error;
  }

  /**
   * Settles as `work` (a promise of WebGPU's) does, or rejects with `DeviceLostError` as soon as the device is lost.
   */
  async unlessLost<T>(work: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        if (this.#gpu.lostError) reject(this.#gpu.lostError);
        this.#onLost.add(reject);
        const pending = this.#backoff ? this.#backoff.during(work) : work;
        pending.then(resolve, reject).finally(() => this.#onLost.delete(reject));
      });
    } catch (error) {
      if (error instanceof DeviceLostError || error instanceof GpuError) throw error;
      const late = await Promise.race([
        this.#gpu.lost,
        new Promise<null>((resolve) => setTimeout(resolve, GRACE, null)),
      ]);
      throw late ?? error;
    }
  }
}
