import type { Device } from '../runtime/device';
import { Profiler } from './profiler';

/**
 * Times GPU work, by the GPU's clock or, if that cannot be queried, by the host's. Other work at the same time is
 * included.
 */
export class Stopwatch {
  readonly #device: Device;
  readonly #profiler: Profiler;

  constructor(device: Device) {
    this.#device = device;
    this.#profiler = new Profiler(device.gpu, 'passes');
  }

  /**
   * Milliseconds that the GPU takes for what `work` launches. Browsers round their clocks: measure a few milliseconds
   * at least.
   */
  async time(work: () => void): Promise<number> {
    const { stream, observers } = this.#device;
    await stream.finish();
    // Drops what an earlier failure may have left.
    await this.#profiler.take();
    const before = observers.runtime;
    observers.runtime = this.#profiler;
    try {
      const since = performance.now();
      work();
      await stream.finish();
      const wall = performance.now() - since;
      const { timed, passes } = await this.#profiler.take();
      const ticked = passes.reduce((sum, { begin, end }) => sum + end - begin, 0);
      return timed && ticked > 0 ? ticked : wall;
    } finally {
      observers.runtime = before;
    }
  }

  dispose(): void {
    this.#profiler.dispose();
  }
}
