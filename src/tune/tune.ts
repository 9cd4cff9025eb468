import type { TuneOptions, Tuning } from './tune.lazy';

export type { TuneOptions, Tuning };

/**
 * Measures on this adapter, for each kind of work and shape with several kernels to choose from, which is fastest. The winners
 * are used from here on (captured steps are captured anew) and kept for later runs: in a file of the user's cache folder, or in
 * the page's IndexedDB. Shapes that have a winner already are left alone. With `WGRAD_TUNE=off` nothing is done.
 *
 * `fn`, a training step or a forward pass, tells the shapes: it is run without doing its GPU work, so that weights, optimizer
 * state and random numbers stay as they are; only gradients that its leaves had are dropped. It must be synchronous and must
 * not make tensors that it keeps. Without `fn` it is the shapes that the device has met so far.
 *
 * Other kernels sum in another order: their results have other last bits. Throws what `fn` throws, the first error of the GPU
 * work, and `Error` when the device is being tuned already.
 */
export async function tune(fn?: () => unknown, options: TuneOptions = {}): Promise<Tuning> {
  const { tuneNow } = await import('./tune.lazy');
  return tuneNow(fn, options);
}
