import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import { ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { rowSums } from './row-sums';

const EMBEDDING = elementKernel('embedding', () => import('./shaders.lazy'));

/** The value in place of what an index out of range names: NaN, or -1 (4294967295), which is no valid index anywhere. */
export const INVALID = { float32: 0x7fc00000, int32: 0xffffffff, uint32: 0xffffffff } as const;

/** Throws `TypeError` unless `indices` are integers. */
export function checkIndices(op: string, argument: string, { dtype }: Tensor<DType>): void {
  if (dtype === 'float32') throw new TypeError(`${op}: expected ${argument} as int32 or uint32, got float32`);
}

export const embeddingOp: Op<null> = {
  name: 'embedding',
  infer: ([indices, weight]) => {
    if (weight.rank === 0) throw new ShapeError('embedding: expected weight with at least one axis, got []');
    checkIndices('embedding', 'indices', indices);
    return { shape: [...indices.shape, ...weight.shape.slice(1)], dtype: weight.dtype };
  },
  forward: (_, [indices, weight]: readonly Tensor<DType>[], __, out) => {
    const [rows] = weight.shape;
    const { checks } = out.device;
    const check = checks.bound('embedding', 'indices', rows, indices.dtype === 'int32');
    const params = { n: out.size, rows, width: weight.size / rows, invalid: INVALID[weight.dtype], check };
    launchElements(out.device, 'embedding', EMBEDDING, out.size, [weight, indices, out, checks], params, { CHECKS: 4 });
  },
  saves: { inputs: [0], output: false },
  backward: ({ inputs: [indices], grad, gradOf }) => {
    const out = gradOf(1);
    rowSums('embedding', indices, grad, out.size / out.shape[0], out);
    return [null, out];
  },
};

/**
 * Rows of `weight` [R, …] by number: [...indices.shape, …]. Indices are int32 or uint32 of any shape. One outside [0, R), also a
 * negative one, makes the next readback throw `RangeError`; its row is NaN (-1, as bits, where `weight` is of integers) and gets no
 * gradient. The gradient adds up in the order of the indices, the same bits each time.
 * Throws `ShapeError` when `weight` has no axis, `TypeError` when the indices are float32.
 */
export function embedding<D extends DType>(indices: Tensor<DType>, weight: Tensor<D>): Tensor<D> {
  return apply(embeddingOp, [indices, weight], null);
}
