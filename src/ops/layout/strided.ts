import { stridesOf, type Shape } from '../../tensor/shape';

/** Axes that kernels can index after merging; more are refused. */
export const MAX_RANK = 8;

/** The strides, in elements, with which `shape` is read when broadcast to `target`; 0 where it repeats. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  return target.map((_, i) => {
    const axis = i - target.length + shape.length;
    return axis < 0 || shape[axis] === 1 ? 0 : own[axis];
  });
}

/** A shape with the strides by which each operand is read. */
export interface MergedAxes {
  readonly shape: number[];
  /** One list of strides for each operand. */
  readonly strides: number[][];
}

/** Merges neighbouring axes that one stride can serve in every operand, and drops axes of size 1; at least one is left. */
export function mergeAxes(shape: Shape, strides: readonly (readonly number[])[]): MergedAxes {
  const merged: number[] = [];
  const out: number[][] = strides.map(() => []);
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = merged.length - 1;
    if (last >= 0 && strides.every((stride, k) => out[k][last] === stride[axis] * n)) {
      merged[last] *= n;
      strides.forEach((stride, k) => (out[k][last] = stride[axis]));
    } else {
      merged.push(n);
      strides.forEach((stride, k) => out[k].push(stride[axis]));
    }
  });
  if (merged.length === 0) return { shape: [1], strides: strides.map(() => [0]) };
  if (merged.length > MAX_RANK)
    throw new RangeError(`at most ${MAX_RANK} axes that cannot be merged are supported, got ${merged.length}`);
  return { shape: merged, strides: out };
}
