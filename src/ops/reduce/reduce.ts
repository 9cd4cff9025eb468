import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { formatShape, normalizeAxes, ShapeError, type Shape } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { div, eq, mul, sub } from '../elementwise/binary';
import { sqrt } from '../elementwise/unary';
import { where } from '../elementwise/where';
import { expand } from '../layout/layout';
import { reduceInto } from './reduce-kernel';
import { reducedShape } from './reduced-shape';

export interface ReduceAttrs {
  /** Sorted and distinct. */
  readonly axes: readonly number[];
  readonly keepdim: boolean;
}

/** `reduced` (the result of a reduction of `shape`) with the reduced axes back as axes of size 1. */
function withAxes(reduced: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return reduced.alias(reducedShape(shape, axes, true));
}

function lengthOf(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((n, axis) => n * shape[axis], 1);
}

function additive(name: 'sum' | 'mean'): Op<ReduceAttrs> {
  const scaleOf = (shape: Shape, axes: readonly number[]) => (name === 'mean' ? 1 / lengthOf(shape, axes) : 1);
  return {
    name,
    infer: ([x], attrs) => {
      if (name === 'mean' && x.dtype !== 'float32') throw new TypeError(`mean: expected float32, got ${x.dtype}`);
      return { shape: reducedShape(x.shape, attrs.axes, attrs.keepdim), dtype: x.dtype };
    },
    forward: (_, [x], { axes }, out) => {
      reduceInto(name, 'sum', x, axes, scaleOf(x.shape, axes), out);
    },
    saves: { inputs: [], output: false },
    backward: ({ inputs: [x], grad, attrs: { axes } }) => {
      const scaled = name === 'mean' ? mul(grad, scaleOf(x.shape, axes)) : grad;
      return [expand(withAxes(scaled, x.shape, axes), x.shape)];
    },
  };
}

function extreme(name: 'max' | 'min'): Op<ReduceAttrs> {
  return {
    name,
    infer: ([x], attrs) => ({ shape: reducedShape(x.shape, attrs.axes, attrs.keepdim), dtype: x.dtype }),
    forward: (_, [x], { axes }, out) => {
      reduceInto(name, name, x, axes, 1, out);
    },
    saves: { inputs: [0], output: true },
    // Equal extremes share the gradient, as in torch.amax.
    backward: ({ inputs: [x], output, grad, attrs: { axes } }) => {
      const hits = eq(x, withAxes(output, x.shape, axes));
      const share = div(withAxes(grad, x.shape, axes), sum(hits, axes, true));
      return [mul(hits, share)];
    },
  };
}

export const sumOp = additive('sum');
export const meanOp = additive('mean');
export const maxOp = extreme('max');
export const minOp = extreme('min');

/** One axis, several, or (left out) all. */
export type Axes = number | readonly number[] | undefined;

function reduce<D extends DType>(op: Op<ReduceAttrs>, x: Tensor<D>, axes: Axes, keepdim: boolean): Tensor<D> {
  checkTensor(op.name, 'input 0', x);
  return apply(op, [x], { axes: normalizeAxes(op.name, axes, x.rank), keepdim });
}

/**
 * The sum over `axes` (default: all), added up as a tree of short sums. `keepdim` leaves the axes with size 1.
 * Throws `ShapeError` for an axis that `x` does not have.
 */
export const sum = <D extends DType>(x: Tensor<D>, axes?: Axes, keepdim = false): Tensor<D> =>
  reduce(sumOp, x, axes, keepdim);
/** The mean over `axes` (default: all). Throws as `sum` does, and `TypeError` unless `x` is float32. */
export const mean = (x: Tensor, axes?: Axes, keepdim = false): Tensor => reduce(meanOp, x, axes, keepdim);
/** The largest element over `axes` (default: all); equal ones share the gradient. Throws as `sum` does. */
export const max = <D extends DType>(x: Tensor<D>, axes?: Axes, keepdim = false): Tensor<D> =>
  reduce(maxOp, x, axes, keepdim);
/** The smallest element over `axes` (default: all); equal ones share the gradient. Throws as `sum` does. */
export const min = <D extends DType>(x: Tensor<D>, axes?: Axes, keepdim = false): Tensor<D> =>
  reduce(minOp, x, axes, keepdim);

/** Options of `variance()` and `std()`. */
export interface VarianceOptions {
  /** Whether the axes stay, with size 1; default false. */
  keepdim?: boolean;
  /** Default 1, Bessel's correction. */
  correction?: number;
}

function varianceOf(op: string, x: Tensor, axes: Axes, given: VarianceOptions | boolean): Tensor {
  const options = typeof given === 'boolean' ? { keepdim: given } : given;
  checkOptions(op, options, 'keepdim correction');
  const { keepdim = false, correction = 1 }: VarianceOptions = options;
  checkTensor(op, 'input 0', x);
  const list = normalizeAxes(op, axes, x.rank);
  const n = lengthOf(x.shape, list);
  if (n <= correction)
    throw new ShapeError(
      `${op}: expected more than ${correction} elements, axes [${list.join(', ')}] of ${formatShape(x.shape)} hold ${n}`,
    );
  const centred = sub(x, mean(x, list, true));
  return mul(sum(mul(centred, centred), list, keepdim), 1 / (n - correction));
}

/**
 * The variance over `axes` (default: all), divided by `n - correction` (default 1, Bessel's). A boolean as options is `keepdim`, as in
 * `sum`.
 * Throws `ShapeError` when an axis is missing or `n` is not larger than `correction`.
 */
export const variance = (x: Tensor, axes?: Axes, options: VarianceOptions | boolean = {}): Tensor =>
  varianceOf('variance', x, axes, options);

/** The square root of `variance`; its gradient is 0 where that is 0, as in PyTorch. Throws as `variance` does. */
export function std(x: Tensor, axes?: Axes, options: VarianceOptions | boolean = {}): Tensor {
  const squared = varianceOf('std', x, axes, options);
  const zero = eq(squared, 0);
  return where(zero, squared, sqrt(where(zero, 1, squared)));
}
