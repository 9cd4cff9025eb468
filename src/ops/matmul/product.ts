import { broadcastShapes, formatShape, ShapeError, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { LONGEST_SUM } from '../../variants/cost-model';
import type { Activation } from '../elementwise/activation';
import { broadcastStrides, mergeAxes } from '../layout/strided';
import { reduceInto } from '../reduce/reduce-kernel';
import type { MatmulProblem } from './problem';
import { launchMatmul } from './table';

export interface MatmulAttrs {
  /** Whether the operand is read with its last two axes swapped. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly batch: readonly number[];
}

/** The sizes of a product of `a` and `b`. Throws `ShapeError` where they do not fit. */
export function sizesOf(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttrs): Sizes {
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
  launchMatmul(op, problemOf(a.shape, b.shape, attrs), { a, b, bias, activation, out: target });
  return target;
}

/**
 * `a`ᵀ `[depth, rows]` times `b` `[depth, columns]` into `out`, and the sums over the depth of `a` into `sums`
 * `[rows]`.
 */
export function productAndSums(op: string, a: Tensor, b: Tensor, out: Tensor, sums: Tensor): void {
  const attrs = { transposeA: true, transposeB: false };
  const rowSums = a.shape[0] <= LONGEST_SUM ? sums : null;
  const summed = launchMatmul(op, problemOf(a.shape, b.shape, attrs), { a, b, bias: null, out, rowSums });
  if (!summed) reduceInto(op, 'sum', a, [0], 1, sums);
}
