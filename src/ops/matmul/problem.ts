import type { Tensor } from '../../tensor/tensor';
import type { Variant } from '../../variants/variant';
import type { Params } from '../../wgsl/params';
import { activationParams, type Activation } from '../elementwise/activation';

/** A batch of products C[m, n] = Σ_k A[m, k] · B[k, n]; strides are in elements. */
export interface MatmulProblem {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly aRow: number;
  readonly aDepth: number;
  readonly bDepth: number;
  readonly bColumn: number;
  /** Axes of the batch with the strides of A and B in them (0 where one is broadcast). */
  readonly batchShape: readonly number[];
  readonly aBatch: readonly number[];
  readonly bBatch: readonly number[];
}

export interface MatmulOperands {
  readonly a: Tensor;
  readonly b: Tensor;
  /** `[columns]`, added to every row. */
  readonly bias: Tensor | null;
  /** Applied to the sum with the bias; default 'none'. */
  readonly activation?: Activation;
  /** `[...batch, rows, columns]`. */
  readonly out: Tensor;
  /** `[rows]`: takes Σ_k A[m, k] from a variant that `sumsRows`; only where there is no batch. */
  readonly rowSums?: Tensor | null;
}

/** One way to compute a product. */
export interface MatmulVariant extends Variant<MatmulProblem> {
  readonly launch: (op: string, problem: MatmulProblem, operands: MatmulOperands) => void;
  /** Whether it writes `rowSums`. */
  readonly sumsRows?: true;
}

/** The tensors in the order of every kernel's bindings; where there is no bias, another stands in. */
export function tensorsOf({ a, b, bias, out }: MatmulOperands): Tensor[] {
  return [a, b, out, bias ?? b];
}

/** The uniforms of matmul/size.wgsl. */
export const sizeParams = ({ rows, columns, depth }: Pick<MatmulProblem, 'rows' | 'columns' | 'depth'>): Params => ({
  rows,
  columns,
  depth,
});

/** The uniforms of matmul/operands.wgsl and lib/activation.wgsl. */
export function operandParams(
  problem: MatmulProblem,
  { out, bias, activation = 'none' }: Pick<MatmulOperands, 'out' | 'bias' | 'activation'>,
): Params {
  return {
    n: out.size,
    a_row: problem.aRow,
    a_depth: problem.aDepth,
    b_depth: problem.bDepth,
    b_column: problem.bColumn,
    has_bias: bias ? 1 : 0,
    batch_rank: problem.batchShape.length,
    batch_shape: problem.batchShape,
    a_batch: problem.aBatch,
    b_batch: problem.bBatch,
    ...activationParams(activation),
  };
}

/** A multiply-add for each element of the result and each step of the sum. */
export const flopsOf = ({ depth }: MatmulProblem, { out }: MatmulOperands): number => 2 * out.size * depth;
