import { tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { numbers } from './numbers';

function leaf(shape: Shape, seed: number, map: (x: number, i: number) => number): Tensor {
  return tensor(numbers(sizeOf(shape), seed).map(map), { shape, requiresGrad: true });
}

/** A leaf of numbers in [low, high). */
export const within = (low: number, high: number, shape: Shape, seed = 1): Tensor =>
  leaf(shape, seed, (x) => low + ((x + 1) / 2) * (high - low));

/** A leaf of numbers of both signs that keep 0.2 away from 0. */
export const awayFromZero = (shape: Shape, seed = 1): Tensor => leaf(shape, seed, (x) => x + 0.2 * (x < 0 ? -1 : 1));

/** A leaf of numbers in a random order, 0.1 apart: a small step changes no maximum. */
export function apart(shape: Shape, seed = 1): Tensor {
  const keys = numbers(sizeOf(shape), seed);
  const ranks = new Map([...keys.keys()].sort((a, b) => keys[a] - keys[b]).map((i, rank) => [i, rank]));
  return leaf(shape, seed, (_, i) => ((ranks.get(i) ?? 0) - keys.length / 2) * 0.1);
}

/** Class or row numbers below `classes`. */
export const labels = (shape: Shape, classes: number, seed = 1): Tensor<'int32'> =>
  tensor(
    Int32Array.from(numbers(sizeOf(shape), seed), (x) => Math.floor(((x + 1) / 2) * classes)),
    { shape },
  );
