import { checkOptions } from '../device/options';
import type { TuneOptions, Tuning } from './tune.lazy';

export type { TuneOptions, Tuning };

/**
 * Measures which kernel variant is the fastest on this adapter, for each problem (a kind of work with its shapes) that
 * has several. The winners are used from now on (captured steps are captured again) and stored for later runs: in a
 * file of the user's cache folder, or in the page's IndexedDB. Problems that have a winner already are not measured
 * again. With `WGRAD_TUNE=off` nothing is done.
 *
 * `fn`, a training step or a forward pass, determines the problems: it is run without its GPU work, so that weights,
 * optimizer state and random numbers stay as they are; only gradients that its leaves had are dropped. It must be
 * synchronous and must not store tensors that it creates. Without `fn`, all problems that the device has computed so
 * far are measured.
 *
 * Another kernel sums in another order, so the last bits of results change. Throws what `fn` throws, the first error of
 * the GPU work, and `Error` when the device is being tuned already.
 */
export async function tune(fn?: () => unknown, options: TuneOptions = {}): Promise<Tuning> {
  checkOptions('tune', options, 'device log');
  const { tuneNow } = await import('./tune.lazy');
  return tuneNow(fn, options);
}
