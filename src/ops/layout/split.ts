import type { DType } from '../../tensor/dtype';
import { formatShape, normalizeAxis, ShapeError } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { slice } from './slice';

/** Pieces of the given sizes along `axis`; a number means pieces of that size, and what is left. */
function pieces<D extends DType>(
  op: string,
  x: Tensor<D>,
  axis: number,
  sizes: number | readonly number[],
): Tensor<D>[] {
  const n = x.shape[axis];
  const list =
    typeof sizes === 'number' && sizes >= 1
      ? Array.from({ length: Math.ceil(n / sizes) }, (_, i) => Math.min(sizes, n - i * sizes))
      : [sizes].flat();
  if (list.some((size) => !Number.isInteger(size) || size < 1) || list.reduce((a, b) => a + b, 0) !== n)
    throw new ShapeError(
      `${op}: expected integer sizes >= 1 that add up to axis ${axis} of input ${formatShape(x.shape)}, ` +
        `got ${formatShape([sizes].flat())}`,
    );
  const starts = x.shape.map(() => 0);
  const ends = [...x.shape];
  ends[axis] = 0;
  return list.map((size) => {
    starts[axis] = ends[axis];
    ends[axis] += size;
    return slice(x, starts, ends);
  });
}

/**
 * `x` cut along `axis` (default 0) into pieces of `sizes[i]`, or all of one size, of which the last may be smaller. The type
 * of the result has as many tensors as a list of sizes that is written out: `const [mean, logVar] = split(x, [2, 2], 1)`.
 * Throws `ShapeError` when a size is not an integer >= 1, the sizes do not add up to the axis or it is missing.
 */
export function split<D extends DType, const Sizes extends readonly number[]>(
  x: Tensor<D>,
  sizes: Sizes,
  axis?: number,
): { -readonly [I in keyof Sizes]: Tensor<D> };
export function split<D extends DType>(x: Tensor<D>, sizes: number | readonly number[], axis?: number): Tensor<D>[];
export function split<D extends DType>(x: Tensor<D>, sizes: number | readonly number[], axis = 0): Tensor<D>[] {
  checkTensor('split', 'input 0', x);
  return pieces('split', x, normalizeAxis('split', axis, x.rank), sizes);
}

/**
 * `x` cut along `axis` (default 0) into `chunks` pieces of one size, of which the last may be smaller; fewer pieces
 * where so many of that size are enough, as in PyTorch. Throws `RangeError` unless `chunks` is an integer >= 1,
 * `ShapeError` for a missing axis.
 */
export function chunk<D extends DType>(x: Tensor<D>, chunks: number, axis = 0): Tensor<D>[] {
  checkTensor('chunk', 'input 0', x);
  const at = normalizeAxis('chunk', axis, x.rank);
  if (!Number.isInteger(chunks) || chunks < 1)
    throw new RangeError(`chunk: expected chunks to be an integer >= 1, got ${chunks}`);
  return pieces('chunk', x, at, Math.ceil(x.shape[at] / chunks));
}
