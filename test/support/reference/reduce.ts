import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { indicesOf, placeOf } from './indexing';

/** The elements of `x` that each result over `axes` is made of, as places in `x`, in row-major order. */
export function reducedPlaces(shape: Shape, axes: readonly number[]): number[][] {
  const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const groups = Array.from({ length: sizeOf(kept) }, (): number[] => []);
  indicesOf(shape).forEach((index, i) => groups[placeOf(index, kept)].push(i));
  return groups;
}

/** Of a reduction, its value and the derivative by each of the elements. */
export const REDUCTIONS = {
  sum: { f: (x: number[]) => x.reduce((a, b) => a + b, 0), by: (x: number[]) => x.map(() => 1) },
  mean: {
    f: (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length,
    by: (x: number[]) => x.map(() => 1 / x.length),
  },
  // Equal extremes share the gradient.
  max: { f: (x: number[]) => Math.max(...x), by: (x: number[]) => shares(x, Math.max(...x)) },
  min: { f: (x: number[]) => Math.min(...x), by: (x: number[]) => shares(x, Math.min(...x)) },
};

function shares(x: readonly number[], extreme: number): number[] {
  const hits = x.filter((v) => v === extreme).length;
  return x.map((v) => (v === extreme ? 1 / hits : 0));
}

/** The variance, divided by n - correction, and its derivative 2 (x - mean) / (n - correction). */
export function varianceReference(x: number[], correction: number): { value: number; by: number[] } {
  const mean = REDUCTIONS.mean.f(x);
  const divisor = x.length - correction;
  return {
    value: REDUCTIONS.sum.f(x.map((v) => (v - mean) ** 2)) / divisor,
    by: x.map((v) => (2 * (v - mean)) / divisor),
  };
}
