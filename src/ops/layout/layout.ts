import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import {
  checkArray,
  checkReshape,
  checkShape,
  formatShape,
  normalizeAxis,
  ShapeError,
  sizeOf,
  stridesOf,
  type Shape,
} from '../../tensor/shape';
import type { DType } from '../../tensor/dtype';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { copyRegion, stridedCopy, whole } from './copy-kernel';
import { sumTo } from '../reduce/reduce-kernel';
import { broadcastStrides } from './strided';

export const reshapeOp: Op<{ shape: Shape }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    checkShape('reshape', shape);
    checkReshape(x, shape);
    return { shape, dtype: x.dtype };
  },
  view: (x, { shape }) => x.alias(shape),
  forward: () => undefined,
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad }) => [grad.alias(x.shape)],
};

/** The same elements in another shape, on the same memory. One axis may be -1: it is computed. Throws `ShapeError` on a misfit. */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkTensor('reshape', 'input 0', x);
  checkArray('reshape', 'shape', shape);
  const open = shape.indexOf(-1);
  if (open < 0) return apply(reshapeOp, [x], { shape });
  const rest = shape.reduce((n, m, axis) => (axis === open ? n : n * m), 1);
  if (shape.lastIndexOf(-1) !== open || rest < 1 || x.size % rest !== 0) {
    throw new ShapeError(`reshape: input ${formatShape(x.shape)} cannot take the shape ${formatShape(shape)}`);
  }
  return apply(reshapeOp, [x], { shape: shape.map((n, axis) => (axis === open ? x.size / rest : n)) });
}

/** Joins the axes `start` to `end` (both included) into one. Throws `ShapeError` when one is out of range. */
export function flatten<D extends DType>(x: Tensor<D>, start = 0, end = -1): Tensor<D> {
  checkTensor('flatten', 'input 0', x);
  if (x.rank === 0) return reshape(x, [1]);
  const [first, last] = [normalizeAxis('flatten', start, x.rank), normalizeAxis('flatten', end, x.rank)];
  if (first > last) throw new ShapeError(`flatten: axis ${start} comes after axis ${end}`);
  return reshape(x, [...x.shape.slice(0, first), sizeOf(x.shape.slice(first, last + 1)), ...x.shape.slice(last + 1)]);
}

function inverse(axes: readonly number[]): number[] {
  return axes.map((_, i) => axes.indexOf(i));
}

function permuted(x: Tensor, axes: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const shape = axes.map((axis) => x.shape[axis]);
  return copyRegion('permute', x, shape, { start: 0, strides: axes.map((axis) => strides[axis]) });
}

export const permuteOp: Op<{ axes: readonly number[] }> = {
  name: 'permute',
  infer: ([x], { axes }) => ({ shape: axes.map((axis) => x.shape[axis]), dtype: x.dtype }),
  forward: (_, [x], { axes }, out) => {
    const strides = stridesOf(x.shape);
    stridedCopy('permute', out.shape, x, { start: 0, strides: axes.map((axis) => strides[axis]) }, out, whole(out));
  },
  saves: { inputs: [], output: false },
  backward: ({ grad, attrs: { axes } }) => [permuted(grad, inverse(axes))],
};

/** Axis i of the result is axis `axes[i]` of `x`. Throws `ShapeError` unless `axes` names every axis once. */
export function permute<D extends DType>(x: Tensor<D>, axes: readonly number[]): Tensor<D> {
  checkTensor('permute', 'input 0', x);
  checkArray('permute', 'axes', axes);
  const list = axes.map((axis) => normalizeAxis('permute', axis, x.rank));
  if (list.length !== x.rank || new Set(list).size !== x.rank) {
    throw new ShapeError(
      `permute: axes [${axes.join(', ')}] do not name each of the ${x.rank} axes of input ${formatShape(x.shape)} once`,
    );
  }
  return apply(permuteOp, [x], { axes: list });
}

/** Swaps two axes. Throws `ShapeError` when one is out of range. */
export function transpose<D extends DType>(x: Tensor<D>, a = -2, b = -1): Tensor<D> {
  checkTensor('transpose', 'input 0', x);
  const [i, j] = [normalizeAxis('transpose', a, x.rank), normalizeAxis('transpose', b, x.rank)];
  const axes = x.shape.map((_, axis) => axis);
  [axes[i], axes[j]] = [j, i];
  return apply(permuteOp, [x], { axes });
}

export const expandOp: Op<{ shape: Shape }> = {
  name: 'expand',
  infer: ([x], { shape }) => {
    checkShape('expand', shape);
    const extra = shape.length - x.rank;
    if (extra < 0 || x.shape.some((n, axis) => n !== 1 && n !== shape[axis + extra])) {
      throw new ShapeError(`expand: input ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
    }
    return { shape, dtype: x.dtype };
  },
  forward: (_, [x], { shape }, out) => {
    stridedCopy('expand', shape, x, { start: 0, strides: broadcastStrides(x.shape, shape) }, out, whole(out));
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad }) => [sumTo(grad, x.shape)],
};

/** Repeats axes of size 1 (and missing leading ones) until `x` has `shape`. Throws `ShapeError` on a misfit. */
export function expand<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  return apply(expandOp, [x], { shape });
}
