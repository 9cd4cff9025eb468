import { WebGPUUnavailableError } from './errors';

/** Dawn's module in Node (npm `webgpu`). */
interface DawnModule {
  create(options: string[]): GPU;
}

interface DawnHolder {
  [DAWN]?: GPU;
}

// Under a registered symbol on globalThis, because V8 must never collect the object while a device lives (collecting it
// corrupts memory), and because two copies of this library in one process must share it.
const DAWN = Symbol.for('wgrad.dawn');

/**
 * Node's WebGPU, created once a process. Throws `WebGPUUnavailableError` where the npm package `webgpu` cannot be
 * loaded.
 */
export async function dawnGpu(): Promise<GPU> {
  const holder = globalThis as DawnHolder;
  if (holder[DAWN]) return holder[DAWN];
  // Not a literal, so that no bundler follows it into a browser bundle.
  const name = ['web', 'gpu'].join('');
  let dawn: DawnModule;
  try {
    dawn = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as DawnModule;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WebGPUUnavailableError(`open: the npm package 'webgpu' (Dawn) could not be loaded: ${reason}`, {
      cause: error,
    });
  }
  // Dawn rounds GPU times to 65,536 ns to protect web pages from each other; here is no page, and the profiler needs
  // exact times.
  holder[DAWN] ??= dawn.create(['disable-dawn-features=timestamp_quantization']);
  return holder[DAWN];
}
