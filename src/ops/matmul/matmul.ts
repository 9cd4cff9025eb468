import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { broadcastShapes, formatShape, ShapeError, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { LONGEST_SUM } from '../../variants/cost-model';
import type { Activation } from '../elementwise/activation';
import { reshape } from '../layout/layout';
import { runMatmul } from './variants';
import type { MatmulProblem } from './problem';
import { reduceInto, sumTo } from '../reduce/reduce-kernel';
import { broadcastStrides, mergeAxes } from '../layout/strided';

export interface MatmulAttrs {
  /** The operand's last two axes are to be read swapped. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly batch: readonly number[];
}

function sizesOf(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttrs): Sizes {
  const [rows, depth] = transposeA ? [a[a.length - 1], a[a.length - 2]] : [a[a.length - 2], a[a.length - 1]];
  const [depthB, columns] = transposeB ? [b[b.length - 1], b[b.length - 2]] : [b[b.length - 2], b[b.length - 1]];
  if (depth !== depthB) {
    throw new ShapeError(
      `matmul: a ${formatShape(a)}${transposeA ? ' transposed' : ''} has ${depth} columns, ` +
        `but b ${formatShape(b)}${transposeB ? ' transposed' : ''} has ${depthB} rows`,
    );
  }
  return { rows, columns, depth, batch: broadcastShapes('matmul', a.slice(0, -2), b.slice(0, -2)) };
}

/** The strides of the batch axes of `shape` when they are broadcast to `batch`. */
function batchStrides(shape: Shape, batch: Shape): number[] {
  const matrix = shape[shape.length - 1] * shape[shape.length - 2];
  return broadcastStrides(shape.slice(0, -2), batch).map((stride) => stride * matrix);
}

function problemOf(a: Shape, b: Shape, attrs: MatmulAttrs): MatmulProblem {
  const { rows, columns, depth, batch } = sizesOf(a, b, attrs);
  const walk = mergeAxes(batch, [batchStrides(a, batch), batchStrides(b, batch)]);
  const [widthA, widthB] = [a[a.length - 1], b[b.length - 1]];
  return {
    rows,
    columns,
    depth,
    aRow: attrs.transposeA ? 1 : widthA,
    aDepth: attrs.transposeA ? widthA : 1,
    bDepth: attrs.transposeB ? 1 : widthB,
    bColumn: attrs.transposeB ? widthB : 1,
    batchShape: walk.shape,
    aBatch: walk.strides[0],
    bBatch: walk.strides[1],
  };
}

/** `a` times `b` outside any graph, into `out` where it is given. */
export function product(
  op: string,
  a: Tensor,
  b: Tensor,
  attrs: MatmulAttrs,
  bias: Tensor | null = null,
  out?: Tensor,
  activation?: Activation,
): Tensor {
  const { rows, columns, batch } = sizesOf(a.shape, b.shape, attrs);
  const target = out ?? Tensor.empty([...batch, rows, columns], 'float32', a.device, op);
  runMatmul(op, problemOf(a.shape, b.shape, attrs), { a, b, bias, activation, out: target });
  return target;
}

/** `a`ᵀ `[depth, rows]` times `b` `[depth, columns]` into `out`, and the sums over the depth of `a` into `sums` `[rows]`. */
export function productAndSums(op: string, a: Tensor, b: Tensor, out: Tensor, sums: Tensor): void {
  const attrs = { transposeA: true, transposeB: false };
  const rowSums = a.shape[0] <= LONGEST_SUM ? sums : null;
  const summed = runMatmul(op, problemOf(a.shape, b.shape, attrs), { a, b, bias: null, out, rowSums });
  if (!summed) reduceInto(op, 'sum', a, [0], 1, sums);
}

export const matmulOp: Op<MatmulAttrs> = {
  name: 'matmul',
  infer: ([a, b], attrs) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32')
      throw new ShapeError(`matmul: float32 is wanted, got ${a.dtype} and ${b.dtype}`);
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
 * The matrix product of a `[..., M, K]` and b `[..., K, N]`: `[..., M, N]`; the leading axes broadcast. `transposeA` and
 * `transposeB` read an operand as `[..., K, M]` or `[..., N, K]`. A vector `[K]` counts as a row on the left and as a column
 * on the right, and its axis is missing in the result. Throws `ShapeError` when the inner sizes differ.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: Partial<MatmulAttrs> = {},
): Tensor {
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
