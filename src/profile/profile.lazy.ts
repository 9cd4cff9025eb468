import { defaultDevice, type Device } from '../runtime/device';
import type { Measurements } from './measurements';
import { formatKernels, formatTotals, kernelsOf, totalsOf, type KernelProfile, type ProfileTotals } from './report';
import { Profiler } from './profiler';
import { chromeTrace } from './trace';

/** Options of `profile()`. */
export interface ProfileOptions {
  /** Default: the default device. */
  device?: Device;
}

/** Where the time of a function went. Made by `profile()`. */
export class Profile<T> {
  /** One entry per kernel and set of defines, those with the most time first. */
  readonly kernels: readonly KernelProfile[];
  readonly totals: ProfileTotals;
  /** The clock of the kernels' times: the GPU's (`timestamps`) or, if that cannot be queried, the host's (`wall`). */
  readonly clock: 'timestamps' | 'wall';
  /** What the function returned. */
  readonly result: T;
  readonly #measurements: Measurements;

  /** @internal */
  constructor(result: T, measurements: Measurements) {
    this.result = result;
    this.#measurements = measurements;
    this.kernels = kernelsOf(measurements);
    this.totals = totalsOf(measurements);
    this.clock = measurements.timing === 'alone' ? 'wall' : 'timestamps';
  }

  /** A table of the kernels and a line of totals, as text. */
  table(): string {
    return `${formatKernels(this.kernels)}\n\n${formatTotals(this.totals)}`;
  }

  /** A trace as JSON text, for Perfetto (https://ui.perfetto.dev) and chrome://tracing. */
  trace(): string {
    return chromeTrace(this.#measurements);
  }
}

const profiled = new WeakSet<Device>();

/** What `profile()` does; loaded on demand. */
export async function profileNow<T>(
  fn: () => T | Promise<T>,
  { device = defaultDevice() }: ProfileOptions = {},
): Promise<Profile<T>> {
  if (profiled.has(device)) throw new Error('profile: this device is being profiled already');
  profiled.add(device);
  const before = device.observers.runtime;
  let profiler: Profiler | null = null;
  try {
    await device.finish();
    device.observers.runtime = profiler = new Profiler(device.gpu, 'dispatches');
    const result = await fn();
    await device.finish();
    return new Profile(result, await profiler.take());
  } finally {
    device.observers.runtime = before;
    profiled.delete(device);
    profiler?.dispose();
  }
}
