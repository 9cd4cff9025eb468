import { DeviceLostError, GpuError } from '../../device/errors';
import type { Gpu } from '../../device/gpu';
import type { PollBackoff } from './poll-backoff.lazy';

/** Milliseconds between the failure that a lost device causes and the news that it is lost, at most. */
const GRACE = 50;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Someone who waits for results: an error that turns up meanwhile is theirs too. */
interface Waiter {
  error: Error | null;
}

/** The errors of GPU work: it fails while nobody looks, so they are kept for whoever waits for results. */
export class Failures {
  readonly #gpu: Gpu;
  readonly #backoff: PollBackoff | null;
  #kept: Error | null = null;
  readonly #waiters = new Set<Waiter>();
  readonly #onLost = new Set<(error: DeviceLostError) => void>();

  /** `backoff`: sleeps while something is waited for. */
  constructor(gpu: Gpu, backoff: PollBackoff | null) {
    this.#gpu = gpu;
    this.#backoff = backoff;
    void gpu.lost.then((error) => {
      for (const reject of this.#onLost) reject(error);
    });
  }

  /** Keeps the first error; `op` is the one that wanted what failed. */
  keep(error: unknown, op?: string): void {
    const found = asError(error);
    this.#kept ??=
      op === undefined || found instanceof DeviceLostError
        ? found
        : new GpuError(`${op}: ${found.message}`, { cause: found });
  }

  /** Runs `work`; throws the first error that was kept before or that turned up meanwhile. */
  async watched(work: () => Promise<void>): Promise<void> {
    const me: Waiter = { error: null };
    this.#waiters.add(me);
    let failure: Error | null = null;
    try {
      await work();
    } catch (error) {
      failure = asError(error);
    }
    this.#tellWaiters();
    this.#waiters.delete(me);
    // What the GPU reported says more than what then failed.
    const error = me.error ?? failure;
    if (error) throw error;
  }

  #tellWaiters(): void {
    const reported = this.#gpu.takeErrors();
    const error = this.#kept ?? this.#gpu.lostError ?? reported.at(0);
    this.#kept = null;
    if (!error) return;
    for (const waiter of this.#waiters) waiter.error ??= error;
  }

  /** Waits for `work`, a promise of WebGPU's: as it settles, or the rejection with `DeviceLostError` as soon as the device is lost. */
  async unlessLost<T>(work: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        if (this.#gpu.lostError) reject(this.#gpu.lostError);
        this.#onLost.add(reject);
        const waited = this.#backoff ? this.#backoff.during(work) : work;
        waited.then(resolve, reject).finally(() => this.#onLost.delete(reject));
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
