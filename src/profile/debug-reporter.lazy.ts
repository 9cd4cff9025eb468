import type { Device } from '../runtime/device';
import type { DebugLevel } from './debug-level';
import { pipelineName, type Measurements } from './measurements';
import { formatKernels, formatTotals, kernelsOf, totalsOf } from './report';
import { Profiler } from './profiler';

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Prints what a device does, step by step. `open()` loads this module for debug levels from 1 on. */
export class DebugReporter {
  readonly #device: Device;
  readonly #level: DebugLevel;
  readonly #log: (text: string) => void;
  readonly #profiler: Profiler;
  #steps = 0;
  /** The reports that are still to be printed. */
  #reports: Promise<unknown> = Promise.resolve();

  constructor(device: Device, level: DebugLevel, log: (text: string) => void) {
    this.#device = device;
    this.#level = level;
    this.#log = log;
    this.#profiler = new Profiler(device.gpu, level >= 2 ? 'dispatches' : 'passes');
    device.observers.runtime = this.#profiler;
    if (level < 3) return;
    device.observers.pipelineCreated = (pipeline, wgsl) => {
      log(`wgrad: kernel ${pipelineName(pipeline)}\n${wgsl}`);
    };
  }

  /** Reports the work since the last step as soon as the GPU has finished it. Does nothing while a step is captured. */
  endStep(name: string): void {
    const { gpu, stream, observers } = this.#device;
    if (stream.recording || observers.runtime !== this.#profiler) return;
    const title = `wgrad: step ${++this.#steps} (${name})`;
    const lost = (): void => {
      this.#log(`${title}: the device was lost before its times could be read`);
    };
    stream.afterSubmit(() => {
      if (gpu.lostError) {
        lost();
        return;
      }
      const memory = `${megabytes(this.#device.memory.used)} in use`;
      const report = this.#profiler.take().then((measured) => {
        this.#log(`${title}: ${formatTotals(totalsOf(measured), measured.timed)}; ${memory}${this.#table(measured)}`);
      }, lost);
      this.#reports = Promise.all([this.#reports, report]);
    });
  }

  #table(measured: Measurements): string {
    return this.#level >= 2 ? `\n${formatKernels(kernelsOf(measured))}` : '';
  }

  /** Ends a step if there was any GPU work since the last one; waits until every step so far is printed. */
  async finish(): Promise<void> {
    if (!this.#profiler.idle) this.endStep('finish');
    await this.#reports;
  }
}
