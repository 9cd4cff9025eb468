import activationSource from '../../shaders/lib/activation.wgsl?raw';
import batchSource from '../../shaders/lib/batch.wgsl?raw';
import generalSource from '../../shaders/matmul.wgsl?raw';
import subgroupSource from '../../shaders/matmul_subgroup.wgsl?raw';
import tiledSource from '../../shaders/matmul_tiled.wgsl?raw';
import type { Family, Variant } from '../runtime/choices';
import { linear } from '../runtime/device';
import { kernel } from '../runtime/pipelines';
import type { Params } from '../runtime/params';
import type { Defines } from '../runtime/template';
import { rand } from '../tensor/create';
import { elementKernel, launchElements } from '../tensor/launch';
import { Tensor } from '../tensor/tensor';
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
export interface MatmulVariant extends Variant<MatmulProblem> {
  readonly launch: (op: string, problem: MatmulProblem, operands: MatmulOperands) => void;
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

/** A register tile of one subgroup: `rows` rows, `columns` times its lanes columns. Those that are no `usual` choice can be measured. */
function subgroupTile(rows: number, columns: number, usual: boolean): MatmulVariant {
  return {
    name: `subgroup ${rows}x${columns}`,
    runs: (_, { info }) => info.subgroupSize >= 4 && info.subgroupSize <= 16 && rows % info.subgroupSize === 0,
    serves: (problem, { info }) =>
      usual && info.kind === 'cpu' && problem.rows > rows / 2 && problem.columns > info.subgroupSize,
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

/** From the special to the general; without a measurement the first that runs and serves is taken. */
export const MATMUL_VARIANTS: readonly MatmulVariant[] = [
  subgroupTile(16, 4, true),
  subgroupTile(16, 2, false),
  subgroupTile(8, 4, false),
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

/** Elements from the first to the last that an operand's strides reach. */
function extent(sizes: readonly number[], strides: readonly number[]): number {
  return 1 + sizes.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0);
}

const MATMUL: Family<MatmulProblem, MatmulVariant> = {
  name: 'matmul',
  variants: MATMUL_VARIANTS,
  shapeOf: ({ rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch, bBatch }) => {
    const product = `${rows}x${depth}x${columns} a ${aRow},${aDepth} b ${bDepth},${bColumn}`;
    const alone = batchShape.length === 1 && batchShape[0] === 1;
    return alone ? product : `${product} of ${batchShape.join('x')} a ${aBatch.join()} b ${bBatch.join()}`;
  },
  trial: (problem, device) => {
    const { rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch, bBatch } = problem;
    const a = rand([extent([rows, depth, ...batchShape], [aRow, aDepth, ...aBatch])], { device });
    const b = rand([extent([depth, columns, ...batchShape], [bDepth, bColumn, ...bBatch])], { device });
    const out = Tensor.empty([...batchShape, rows, columns], 'float32', device, 'matmul');
    return {
      launch: (variant) => {
        variant.launch('matmul', problem, { a, b, bias: null, out });
      },
      dispose: () => {
        for (const tensor of [a, b, out]) tensor.dispose();
      },
    };
  },
};

/** Computes a product by the variant that is fastest as far as is known. */
export function runMatmul(op: string, problem: MatmulProblem, operands: MatmulOperands): void {
  operands.out.device.choices.choose(MATMUL, problem).launch(op, problem, operands);
}
