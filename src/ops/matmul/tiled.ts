import { kernel } from '../../runtime/kernels/kernel';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { Tensor } from '../../tensor/tensor';
import {
  LEAST_MATMUL_TILES,
  LEAST_SPLIT_DEPTH,
  LEAST_TILED_DEPTH,
  LEAST_TILED_RESULTS,
} from '../../variants/cost-model';
import { activationParams } from '../elementwise/activation';
import {
  flopsOf,
  operandParams,
  tensorsOf,
  type MatmulOperands,
  type MatmulProblem,
  type MatmulVariant,
} from './problem';
import {
  countTiles,
  launchTiled,
  splitDepth,
  TILES,
  type DepthSlices,
  type ProductSize,
  type Tile,
} from './tile-product';

const TILED = kernel('matmul_tiled', () => import('./tiled-shaders.lazy'));
const SLICES = elementKernel('matmul_slices', () => import('./tiled-shaders.lazy'));

function sizeOf({ rows, columns, depth, batchShape }: MatmulProblem): ProductSize {
  return { rows, columns, depth, entries: batchShape.reduce((all, n) => all * n, 1) };
}

type Launch = (op: string, tile: Tile, problem: MatmulProblem, operands: MatmulOperands) => void;

/** Launches the tiles; where the depth is split, into the partial results `out` `[slices, ...batch, rows, columns]`. */
function launchTiles(
  op: string,
  tile: Tile,
  problem: MatmulProblem,
  operands: MatmulOperands,
  slices?: DepthSlices,
  out = operands.out,
): void {
  const [a, b, , bias] = tensorsOf(operands);
  launchTiled(out.device, {
    op,
    kernel: TILED,
    tile,
    size: sizeOf(problem),
    slices,
    alongDepth: { a: problem.aDepth === 1, b: problem.bDepth === 1 },
    params: operandParams(problem, operands),
    tensors: [a, b, out, bias],
    flops: flopsOf(problem, operands),
  });
}

/** Splits long sums among workgroups; a second pass adds up the partial results, in their order. */
const launchSplit: Launch = (op, tile, problem, operands) => {
  const { bias, activation = 'none', out } = operands;
  const slices = splitDepth(sizeOf(problem), tile);
  if (problem.depth < LEAST_SPLIT_DEPTH || slices.count === 1) {
    launchTiles(op, tile, problem, operands);
    return;
  }
  const partial = Tensor.empty([slices.count, out.size], 'float32', out.device, op);
  launchTiles(op, tile, problem, { ...operands, bias: null, activation: 'none' }, slices, partial);
  launchElements(out.device, op, SLICES, out.size, [partial, bias ?? partial, out], {
    n: out.size,
    slices: slices.count,
    columns: problem.columns,
    has_bias: bias ? 1 : 0,
    ...activationParams(activation),
  });
  partial.dispose();
};

/** Smaller problems leave most of every tile empty. */
const worthTiles = ({ rows, columns, depth }: MatmulProblem): boolean =>
  rows * columns >= LEAST_TILED_RESULTS && depth >= LEAST_TILED_DEPTH;

function tiled(name: keyof typeof LEAST_MATMUL_TILES, launch: Launch): MatmulVariant {
  const tile = TILES[name];
  return {
    name: `tiled ${name}`,
    fastOn: 'gpu',
    supports: () => true,
    preferred: (problem, { kind }) =>
      kind === 'gpu' && worthTiles(problem) && countTiles(sizeOf(problem), tile) >= LEAST_MATMUL_TILES[name],
    launch: (op, problem, operands) => {
      launch(op, tile, problem, operands);
    },
  };
}

/** Products by tiles in workgroup memory, for GPUs: from large tiles to small ones, which split long sums. */
export const MATMUL_TILED: readonly MatmulVariant[] = [
  tiled('64x128', launchTiles),
  tiled('64x64', launchTiles),
  tiled('32x32', launchSplit),
];
