import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { formatShape, ShapeError } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { reshape } from '../layout/layout';
import { sumTo } from '../reduce/reduce-kernel';
import { product, sizesOf, type MatmulAttrs } from './product';

export const matmulOp: Op<MatmulAttrs> = {
  name: 'matmul',
  infer: ([a, b], attrs) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32')
      throw new TypeError(`matmul: expected float32, got ${a.dtype} and ${b.dtype}`);
    const { rows, columns, batch } = sizesOf(a.shape, b.shape, attrs);
    return { shape: [...batch, rows, columns], dtype: 'float32' };
  },
  forward: (_, [a, b], attrs, out) => {
    product('matmul', a, b, attrs, null, out);
  },
  saves: { inputs: [0, 1], output: false },
  product: true,
  backward: ({ inputs: [a, b], grad, attrs: { transposeA, transposeB }, needs }) => {
    // With A' and B' as read: dA' = G·B'ᵀ and dB' = A'ᵀ·G; a transposed operand takes the transposed product.
    const toA = () =>
      transposeA
        ? product('matmul', b, grad, { transposeA: transposeB, transposeB: true })
        : product('matmul', grad, b, { transposeA: false, transposeB: !transposeB });
    const toB = () =>
      transposeB
        ? product('matmul', grad, a, { transposeA: true, transposeB: transposeA })
        : product('matmul', a, grad, { transposeA: !transposeA, transposeB: false });
    return [needs[0] ? sumTo(toA(), a.shape) : null, needs[1] ? sumTo(toB(), b.shape) : null];
  },
};

/**
 * The matrix product of a `[..., M, K]` and b `[..., K, N]`: `[..., M, N]`; the leading axes broadcast. `transposeA`
 * and `transposeB` read an operand as `[..., K, M]` or `[..., N, K]`. A vector `[K]` counts as a row on the left and
 * as a column on the right, and its axis is missing in the result. Throws `ShapeError` when the inner sizes differ,
 * `TypeError` for a dtype other than float32.
 */
export function matmul(a: Tensor, b: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
  checkOptions('matmul', options, 'transposeA transposeB');
  const { transposeA = false, transposeB = false } = options;
  checkTensor('matmul', 'input 0', a);
  checkTensor('matmul', 'input 1', b);
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError(
      `matmul: scalars have no matrix product, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  const left = a.rank === 1 ? reshape(a, transposeA ? [a.size, 1] : [1, a.size]) : a;
  const right = b.rank === 1 ? reshape(b, transposeB ? [1, b.size] : [b.size, 1]) : b;
  const out = apply(matmulOp, [left, right], { transposeA, transposeB });
  if (a.rank > 1 && b.rank > 1) return out;
  return reshape(
    out,
    out.shape.filter((_, axis) => !(a.rank === 1 && axis === out.rank - 2) && !(b.rank === 1 && axis === out.rank - 1)),
  );
}
