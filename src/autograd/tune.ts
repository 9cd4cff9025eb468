import type { Met } from '../runtime/choices';
import { defaultDevice, type Device } from '../runtime/device';
import { keepChoices } from '../runtime/tune-cache';
import { measureVariants, type TunedShape } from '../runtime/tuner';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { listenToCommits } from './accumulate';

export interface TuneOptions {
  /** Default: the default device. */
  device?: Device;
  /** Takes a line for each shape that was measured, and one at the end; default `console.info`. */
  log?: (line: string) => void;
}

/** What `tune()` has measured. */
export interface Tuning {
  readonly shapes: readonly TunedShape[];
  readonly seconds: number;
}

/** The shapes that `fn` works on; nothing is computed. */
function shapesOf(device: Device, fn: () => unknown): Met[] {
  const leaves = new Set<Tensor>();
  try {
    return device.choices.listen(() => {
      device.rehearse(() => {
        listenToCommits(
          (leaf) => leaves.add(leaf),
          () => {
            tidy(() => {
              tidy(fn);
            });
          },
        );
      });
    });
  } finally {
    for (const leaf of leaves) {
      leaf.grad?.dispose();
      leaf.grad = null;
    }
  }
}

const busy = new WeakSet<Device>();

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
export async function tune(
  fn?: () => unknown,
  { device = defaultDevice(), log = console.info }: TuneOptions = {},
): Promise<Tuning> {
  if (device.tuning === 'off') {
    log('tune: off, the written table chooses');
    return { shapes: [], seconds: 0 };
  }
  if (busy.has(device)) throw new Error('tune: this device is being tuned already');
  busy.add(device);
  try {
    const since = performance.now();
    const met = fn ? shapesOf(device, fn) : device.choices.met;
    const shapes = await measureVariants(
      device,
      met.filter(({ work }) => !device.choices.decided(work)),
      log,
    );
    if (shapes.length > 0) {
      const winners = Object.fromEntries(shapes.map(({ work, winner }) => [work, winner]));
      device.choices.adopt(winners);
      await keepChoices(device.info, winners);
    }
    const seconds = (performance.now() - since) / 1000;
    const changed = shapes.filter(({ winner, preset }) => winner !== preset).length;
    log(
      `tune: ${shapes.length} shapes in ${seconds.toFixed(1)} s, ${changed} of them faster than by the written table`,
    );
    return { shapes, seconds };
  } finally {
    busy.delete(device);
  }
}
