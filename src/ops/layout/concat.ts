import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { checkArray, formatShape, normalizeAxis, sameShape, ShapeError, type Shape } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import { regionOf, stridedCopy, whole, type Region } from './copy-kernel';

interface Join {
  /** The shape that an input has inside the result. */
  readonly placedShape: (input: Shape, axis: number) => Shape;
  /** Whether `input` can be joined to `first`. */
  readonly fits: (input: Shape, first: Shape, axis: number) => boolean;
  /** What `fits` expects, for the error. */
  readonly expected: string;
}

/** An op that lays its inputs one after the other along `axis` of the result. */
function join(name: string, { placedShape, fits, expected }: Join): Op<{ axis: number }> {
  const regions = (
    inputs: readonly { shape: Shape }[],
    axis: number,
    out: Shape,
  ): { shape: Shape; region: Region }[] => {
    const ones = out.map(() => 1);
    let at = 0;
    return inputs.map((input) => {
      const shape = placedShape(input.shape, axis);
      const start = out.map((_, k) => (k === axis ? at : 0));
      at += shape[axis];
      return { shape, region: regionOf(out, start, ones) };
    });
  };
  return {
    name,
    infer: (inputs, { axis }) => {
      const [{ shape: first, dtype }] = inputs;
      inputs.forEach((input, i) => {
        if (input.dtype !== dtype) {
          throw new TypeError(
            `${name}: expected tensors of one dtype, tensor ${i} is ${input.dtype}, tensor 0 ${dtype}`,
          );
        }
        if (fits(input.shape, first, axis)) return;
        throw new ShapeError(
          `${name}: expected ${expected}, axis ${axis}; tensor ${i} is ${formatShape(input.shape)}, ` +
            `tensor 0 ${formatShape(first)}`,
        );
      });
      const total = inputs.reduce((n, input) => n + placedShape(input.shape, axis)[axis], 0);
      return { shape: placedShape(first, axis).map((n, k) => (k === axis ? total : n)), dtype };
    },
    forward: (_, inputs, { axis }, out) => {
      regions(inputs, axis, out.shape).forEach(({ shape, region }, i) => {
        stridedCopy(name, shape, inputs[i], whole({ shape }), out, region);
      });
    },
    saves: { inputs: [], output: false },
    backward: ({ inputs, grad, attrs: { axis }, needs, gradOf }) =>
      regions(inputs, axis, grad.shape).map(({ shape, region }, i) => {
        if (!needs[i]) return null;
        const out = gradOf(i);
        stridedCopy(name, shape, grad, region, out, whole({ shape }));
        return out;
      }),
  };
}

export const concatOp = join('concat', {
  placedShape: (input) => input,
  fits: (input, first, axis) => input.length === first.length && input.every((n, k) => k === axis || n === first[k]),
  expected: 'shapes that are equal except along the axis',
});

export const stackOp = join('stack', {
  placedShape: (input, axis) => [...input.slice(0, axis), 1, ...input.slice(axis)],
  fits: (input, first) => sameShape(input, first),
  expected: 'equal shapes',
});

/** Tensors as one array or each as an argument, and behind them the axis. */
interface Joiner {
  <D extends DType>(tensors: readonly Tensor<D>[], axis?: number): Tensor<D>;
  <D extends DType>(...tensors: [first: Tensor<D>, second: Tensor<D>, ...rest: Tensor<D>[]]): Tensor<D>;
  <D extends DType>(...args: [first: Tensor<D>, second: Tensor<D>, ...rest: Tensor<D>[], axis: number]): Tensor<D>;
}

function joiner(op: Op<{ axis: number }>, newAxes: number): Joiner {
  return (...args: readonly unknown[]): Tensor<never> => {
    const spread = args[1] instanceof Tensor;
    const last = typeof args.at(-1) === 'number' ? args.length - 1 : args.length;
    const [tensors, axis = 0] = (spread ? [args.slice(0, last), args[last]] : args) as [Tensor<never>[], number?];
    checkArray(op.name, 'tensors', tensors);
    if (tensors.length === 0) throw new ShapeError(`${op.name}: expected at least one tensor, got none`);
    checkTensor(op.name, 'input 0', tensors[0]);
    return apply(op, tensors, { axis: normalizeAxis(op.name, axis, tensors[0].rank + newAxes) });
  };
}

/**
 * The tensors one after the other along `axis` (default 0), each written straight to its place in the result:
 * `concat([a, b], axis)` or `concat(a, b, axis)`.
 * Throws `ShapeError` when there is none or the other axes differ, `TypeError` when dtypes differ.
 */
export const concat: Joiner = joiner(concatOp, 0);

/**
 * The tensors along a new axis of the result, which stands before axis `axis` of theirs (default 0; -1: after the last):
 * `stack([a, b], axis)` or `stack(a, b, axis)`.
 * Throws `ShapeError` when there is none or shapes differ, `TypeError` when dtypes differ.
 */
export const stack: Joiner = joiner(stackOp, 1);
