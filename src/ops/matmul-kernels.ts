import activationSource from '../../shaders/lib/activation.wgsl?raw';
import batchSource from '../../shaders/lib/batch.wgsl?raw';
import generalSource from '../../shaders/matmul.wgsl?raw';
import subgroupSource from '../../shaders/matmul_subgroup.wgsl?raw';
import tiledSource from '../../shaders/matmul_tiled.wgsl?raw';
import { linear, type Device } from '../runtime/device';
import { kernel } from '../runtime/pipelines';
import type { Params } from '../runtime/params';
import type { Defines } from '../runtime/template';
import { elementKernel, launchElements } from '../tensor/launch';
import type { Tensor } from '../tensor/tensor';
import { activationParams, type Activation } from './activation';

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
}

/** One way to compute a product. */
export interface MatmulVariant {
  readonly name: string;
  /** Whether the adapter can run it. */
  runs(device: Device): boolean;
  /** Whether it is the choice for this problem, given that no earlier one is. */
  serves(problem: MatmulProblem, device: Device): boolean;
  launch(op: string, problem: MatmulProblem, operands: MatmulOperands): void;
}

const GENERAL = elementKernel('matmul', batchSource, activationSource, generalSource);
const SUBGROUP = kernel('matmul_subgroup', batchSource, activationSource, subgroupSource);
const TILED = kernel('matmul_tiled', batchSource, activationSource, tiledSource);

function tensorsOf({ a, b, bias, out }: MatmulOperands): Tensor[] {
  return [a, b, out, bias ?? b];
}

function paramsOf(
  problem: MatmulProblem,
  { out, bias, activation = 'none' }: MatmulOperands,
): Record<string, number | readonly number[]> {
  return {
    n: out.size,
    rows: problem.rows,
    columns: problem.columns,
    depth: problem.depth,
    a_row: problem.aRow,
    a_depth: problem.aDepth,
    b_depth: problem.bDepth,
    b_column: problem.bColumn,
    batch_rank: problem.batchShape.length,
    has_bias: bias ? 1 : 0,
    ...activationParams(activation),
    batch_shape: problem.batchShape,
    a_batch: problem.aBatch,
    b_batch: problem.bBatch,
  };
}

/** A multiply-add for each element of the result and each step of the sum. */
const flopsOf = ({ depth }: MatmulProblem, { out }: MatmulOperands): number => 2 * out.size * depth;

function launchTiles(
  op: string,
  tileKernel: typeof TILED,
  problem: MatmulProblem,
  operands: MatmulOperands,
  tile: { rows: number; columns: number },
  defines: Defines,
): void {
  const { out } = operands;
  const rowTiles = Math.ceil(problem.rows / tile.rows);
  const columnTiles = Math.ceil(problem.columns / tile.columns);
  const tiles = (out.size / (problem.rows * problem.columns)) * rowTiles * columnTiles;
  const params: Params = { ...paramsOf(problem, operands), row_tiles: rowTiles, column_tiles: columnTiles, tiles };
  out.device.launch({
    op,
    kernel: tileKernel,
    defines,
    params,
    views: tensorsOf(operands).map((tensor) => tensor.view),
    groups: linear(tiles),
    flops: flopsOf(problem, operands),
  });
}

/** A register tile of one subgroup: `rows` rows, `columns` times its lanes columns. */
function subgroupTile(rows: number, columns: number): MatmulVariant {
  return {
    name: `subgroup ${rows}x${columns}`,
    runs: ({ info }) => info.subgroupSize >= 4 && info.subgroupSize <= 16 && rows % info.subgroupSize === 0,
    serves: (problem, { info }) =>
      info.kind === 'cpu' && problem.rows > rows / 2 && problem.columns > info.subgroupSize,
    launch: (op, problem, operands) => {
      const lanes = operands.out.device.info.subgroupSize;
      launchTiles(
        op,
        SUBGROUP,
        problem,
        operands,
        { rows, columns: columns * lanes },
        { LANES: lanes, ROWS: rows, COLS: columns, DEPTH: 2 },
      );
    },
  };
}

/** From the special to the general; the first that runs and serves is taken. */
export const MATMUL_VARIANTS: readonly MatmulVariant[] = [
  subgroupTile(16, 4),
  {
    name: 'tiled 64x64',
    runs: () => true,
    serves: (problem, { info }) => info.kind === 'gpu' && problem.rows * problem.columns >= 256 && problem.depth >= 8,
    launch: (op, problem, operands) => {
      launchTiles(op, TILED, problem, operands, { rows: 64, columns: 64 }, {});
    },
  },
  {
    name: 'general',
    runs: () => true,
    serves: () => true,
    launch: (op, problem, operands) => {
      const { out } = operands;
      const flops = flopsOf(problem, operands);
      launchElements(out.device, op, GENERAL, out.size, tensorsOf(operands), paramsOf(problem, operands), {}, flops);
    },
  },
];

/** Computes a product by the variant that the table names for it. */
export function runMatmul(op: string, problem: MatmulProblem, operands: MatmulOperands): void {
  const { device } = operands.out;
  const variant = MATMUL_VARIANTS.find((v) => v.runs(device) && v.serves(problem, device));
  variant?.launch(op, problem, operands);
}
