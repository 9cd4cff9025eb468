import type { Met } from '../runtime/choices';
import { defaultDevice, type Device } from '../runtime/device';
import { keepChoices } from '../runtime/tune-cache';
import { measureVariants } from '../runtime/tuner';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { listenToCommits } from './accumulate';
import type { TuneOptions, Tuning } from './tune';

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

/** What `tune()` does; a module of its own, which a page loads when it tunes. */
export async function tuneNow(
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
