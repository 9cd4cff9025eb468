import type { MnistSet } from './mnist-set';
import { permutation } from './permutation';

/** The small set: the first 10,000 digits of MNIST's training set. */
export const SMALL_COUNT = 10_000;
export const SMALL_TRAIN = 8_000;
export const SMALL_TEST = SMALL_COUNT - SMALL_TRAIN;

/** All of a set, shuffled by `seed` and split: `trainCount` to train on, the rest to test on. */
export function splitSet(all: MnistSet, trainCount: number, seed: number): { train: MnistSet; test: MnistSet } {
  const order = permutation(all.count, seed);
  return { train: pick(all, order.subarray(0, trainCount)), test: pick(all, order.subarray(trainCount)) };
}

function pick(from: MnistSet, indices: Uint32Array): MnistSet {
  const count = indices.length;
  const pixels = from.images.length / from.count;
  const set: MnistSet = { images: new Uint8Array(count * pixels), labels: new Uint8Array(count), count };
  indices.forEach((index, i) => {
    set.images.set(from.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
    set.labels[i] = from.labels[index];
  });
  return set;
}
