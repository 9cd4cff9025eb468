import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { checkArray, formatShape, ShapeError } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { regionOf, copyRegion, copyIntoRegion } from './copy-kernel';

export interface SliceAttrs {
  /** One entry an axis, counted from the front and within it. */
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly shape: readonly number[];
}

export const sliceOp: Op<SliceAttrs> = {
  name: 'slice',
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  forward: (_, [x], { starts, steps }, out) => {
    copyRegion('slice', x, out.shape, regionOf(x.shape, starts, steps), out);
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs: { starts, steps }, gradOf }) => [
    copyIntoRegion('slice', grad, x.shape, regionOf(x.shape, starts, steps), 0, gradOf(0)),
  ],
};

/**
 * Every `steps[i]`-th index of axis i from `starts[i]` up to and without `ends[i]`, as NumPy's `x[start:end:step]`: negative
 * bounds count from the end, bounds beyond an axis (also Infinity) are moved to its edge. Lists with fewer
 * entries than `x` has axes apply to the leading axes; the others stay whole. Steps are positive; default 1.
 * Throws `ShapeError` when the lists do not fit `x` or each other, or nothing is left of an axis.
 */
export function slice<D extends DType>(
  x: Tensor<D>,
  starts: readonly number[],
  ends: readonly number[],
  steps?: readonly number[],
): Tensor<D> {
  checkTensor('slice', 'input 0', x);
  const bounds: readonly unknown[] = [starts, ends];
  if (bounds.every((bound) => typeof bound === 'number'))
    throw new TypeError(`slice: expected arrays, an entry an axis: write slice(x, [${bounds[0]}], [${bounds[1]}])`);
  checkArray('slice', 'starts', starts);
  checkArray('slice', 'ends', ends);
  const given = formatShape(x.shape);
  if (starts.length !== ends.length || (steps?.length ?? 0) > starts.length || starts.length > x.rank) {
    throw new ShapeError(
      `slice: expected as many starts as ends and no more steps, at most ${x.rank} of each for input ${given}; ` +
        `got ${starts.length}, ${ends.length} and ${steps?.length ?? 0}`,
    );
  }
  const bound = (value: number, n: number): number => Math.min(Math.max(value < 0 ? value + n : value, 0), n);
  const ranges = x.shape.map((n, axis) => {
    const [start, end, step] = [starts[axis] ?? 0, ends[axis] ?? n, steps?.[axis] ?? 1];
    const whole = (value: number): boolean => Number.isInteger(value) || Math.abs(value) === Infinity;
    if (!whole(start) || !whole(end) || !Number.isSafeInteger(step) || step < 1) {
      throw new ShapeError(
        `slice: expected integer bounds and a step >= 1, got ${start}:${end}:${step} for axis ${axis} of input ${given}`,
      );
    }
    const first = bound(start, n);
    const count = Math.ceil((bound(end, n) - first) / step);
    if (count < 1) throw new ShapeError(`slice: ${start}:${end} leaves nothing of axis ${axis} of input ${given}`);
    return { first, count, step };
  });
  return apply(sliceOp, [x], {
    starts: ranges.map(({ first }) => first),
    steps: ranges.map(({ step }) => step),
    shape: ranges.map(({ count }) => count),
  });
}

/** How many entries `pad()` adds before and after each axis. */
export type Padding = readonly (readonly [before: number, after: number])[];

export const padOp: Op<{ padding: Padding; value: number }> = {
  name: 'pad',
  infer: ([x], { padding }) => {
    const shape = x.shape.map((n, axis) => n + padding[axis][0] + padding[axis][1]);
    return { shape, dtype: x.dtype };
  },
  forward: (_, [x], { padding, value }, out) => {
    copyIntoRegion('pad', x, out.shape, insideOf(padding, out), value, out);
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs: { padding }, gradOf }) => [
    copyRegion('pad', grad, x.shape, insideOf(padding, grad), gradOf(0)),
  ],
};

/** The region of `padded` that holds the input. */
function insideOf(padding: Padding, padded: Tensor<DType>): ReturnType<typeof regionOf> {
  return regionOf(
    padded.shape,
    padding.map(([before]) => before),
    padding.map(() => 1),
  );
}

/**
 * `x` with `before` and `after` entries of `value` around each axis: `[[before, after], …]`, one pair an axis.
 * Throws `ShapeError` unless there is a pair of integers >= 0 for each axis.
 */
export function pad<D extends DType>(x: Tensor<D>, padding: Padding, value = 0): Tensor<D> {
  checkTensor('pad', 'input 0', x);
  checkArray('pad', 'padding', padding);
  if (padding.length !== x.rank || padding.flat().some((n) => !Number.isSafeInteger(n) || n < 0)) {
    const got = padding.map(([before, after]) => `[${before}, ${after}]`).join(', ');
    throw new ShapeError(
      `pad: expected [before, after] with integers >= 0 for each axis of input ${formatShape(x.shape)}, got [${got}]`,
    );
  }
  return apply(padOp, [x], { padding, value });
}
