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
import { flopsOf, paramsOf, tensorsOf, type MatmulOperands, type MatmulProblem, type MatmulVariant } from './problem';
import { countTiles, launchTiled, slicesFor, TILES, type ProductSize, type Slices, type Tile } from './tile-product';

const TILED = kernel('matmul_tiled', () => import('./tiled-shaders.lazy'));
const SLICES = elementKernel('matmul_slices', () => import('./tiled-shaders.lazy'));

function sizeOf({ rows, columns, depth, batchShape }: MatmulProblem): ProductSize {
  return { rows, columns, depth, entries: batchShape.reduce((all, n) => all * n, 1) };
}

/** `shared` tells of the partial results `[slices, ...]`, where the sum is shared out. */
function launch(
  op: string,
  tile: Tile,
  problem: MatmulProblem,
  operands: MatmulOperands,
  shared: { readonly slices: Slices; readonly partial: Tensor } | null,
): void {
  const first: MatmulOperands = shared ? { ...operands, bias: null, activation: 'none' } : operands;
  const [a, b, out, bias] = tensorsOf(first);
  launchTiled(out.device, {
    op,
    kernel: TILED,
    tile,
    size: sizeOf(problem),
    slices: shared?.slices,
    alongDepth: { a: problem.aDepth === 1, b: problem.bDepth === 1 },
    params: paramsOf(problem, first),
    tensors: [a, b, shared?.partial ?? out, bias],
    flops: flopsOf(problem, operands),
  });
}

/** Long sums are shared out among workgroups; a second pass adds up the partial results, in their order. */
function launchShared(op: string, tile: Tile, problem: MatmulProblem, operands: MatmulOperands): void {
  const { bias, activation = 'none', out } = operands;
  const slices = slicesFor(sizeOf(problem), tile);
  if (problem.depth < LEAST_SPLIT_DEPTH || slices.count === 1) {
    launch(op, tile, problem, operands, null);
    return;
  }
  const partial = Tensor.empty([slices.count, out.size], 'float32', out.device, op);
  launch(op, tile, problem, operands, { slices, partial });
  launchElements(out.device, op, SLICES, out.size, [partial, bias ?? partial, out], {
    n: out.size,
    slices: slices.count,
    columns: problem.columns,
    has_bias: bias ? 1 : 0,
    ...activationParams(activation),
  });
  partial.dispose();
}

/** Smaller problems leave most of every tile empty. */
const worthTiles = ({ rows, columns, depth }: MatmulProblem): boolean =>
  rows * columns >= LEAST_TILED_RESULTS && depth >= LEAST_TILED_DEPTH;

function tiled(name: keyof typeof LEAST_MATMUL_TILES, start: typeof launchShared): MatmulVariant {
  const tile = TILES[name];
  return {
    name: `tiled ${name}`,
    fastOn: 'gpu',
    supports: () => true,
    preferred: (problem, { kind }) =>
      kind === 'gpu' && worthTiles(problem) && countTiles(sizeOf(problem), tile) >= LEAST_MATMUL_TILES[name],
    launch: (op, problem, operands) => {
      start(op, tile, problem, operands);
    },
  };
}

const launchWhole: typeof launchShared = (op, tile, problem, operands) => {
  launch(op, tile, problem, operands, null);
};

/** Products by tiles in workgroup memory, for GPUs: from large tiles to small ones, whose sums are shared out where they are long. */
export const MATMUL_TILED: readonly MatmulVariant[] = [
  tiled('64x128', launchWhole),
  tiled('64x64', launchWhole),
  tiled('32x32', launchShared),
];
