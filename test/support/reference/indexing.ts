import { sizeOf, stridesOf, type Shape } from '../../../src/tensor/shape';

/** The index of every element of `shape`, in row-major order. */
export function indicesOf(shape: Shape): number[][] {
  const strides = stridesOf(shape);
  return Array.from({ length: sizeOf(shape) }, (_, i) => shape.map((n, axis) => Math.floor(i / strides[axis]) % n));
}

/** The place of an index in row-major memory; broadcast: an index may have more axes, and axes of size 1 repeat. */
export function placeOf(index: readonly number[], shape: Shape): number {
  const own = index.slice(index.length - shape.length);
  return stridesOf(shape).reduce((at, stride, axis) => at + (shape[axis] === 1 ? 0 : own[axis] * stride), 0);
}
