import { kernel } from '../../runtime/kernels/kernel';
import { Tensor } from '../../tensor/tensor';
import { LEAST_TILE_USE, LONGEST_SUM } from '../../variants/cost-model';
import { conv2dFlops, windowParams, type Conv2dGeometry } from './geometry';
import type { Conv2dTable, Conv2dVariant, Conv2dWeightGradient } from './variant-types';
import { reduceInto } from '../reduce/reduce-kernel';
import {
  columnsUsed,
  DEPTH,
  digitsOf,
  launchTiled,
  rowsUsed,
  slicesFor,
  TILES,
  type ProductSize,
  type Tile,
} from '../matmul/tile-product';

const TILED_WEIGHT = kernel('conv2d_tiled_weight', () => import('./tiled-shaders.lazy'));

function sizeOf(geometry: Conv2dGeometry): ProductSize {
  const { batch, inChannels, outChannels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  return {
    rows: outChannels,
    columns: inChannels * kernelHeight * kernelWidth,
    depth: batch * outHeight * outWidth,
  };
}

const weightGradient =
  (tile: Tile): Conv2dWeightGradient =>
  (geometry, input, gradOut, gradWeight, gradBias) => {
    const { device } = gradWeight;
    const size = sizeOf(geometry);
    const slices = slicesFor(size, tile, LONGEST_SUM);
    const parts = (whole: Tensor): Tensor =>
      slices.count === 1 ? whole : Tensor.empty([slices.count, whole.size], 'float32', device, 'conv2d');
    const targets = (gradBias ? [gradWeight, gradBias] : [gradWeight]).map((whole) => ({
      whole,
      partial: parts(whole),
    }));
    launchTiled(device, {
      op: 'conv2d',
      kernel: TILED_WEIGHT,
      tile,
      size,
      slices,
      alongDepth: { a: true, b: true },
      defines: { FINISH: gradBias ? 1 : 0 },
      params: {
        channels: geometry.inChannels,
        ...windowParams(geometry),
        jump: digitsOf(DEPTH, geometry.outHeight, geometry.outWidth),
      },
      tensors: [input, gradOut, ...targets.map(({ partial }) => partial)],
      flops: conv2dFlops(geometry),
    });
    if (slices.count === 1) return;
    for (const { whole, partial } of targets) {
      reduceInto('conv2d', 'sum', partial, [0], 1, whole);
      partial.dispose();
    }
  };

const supports = ({ groups }: Conv2dGeometry): boolean => groups === 1;

/** The gradient to the weight by tiled products that share out the sum, for GPUs, from large tiles to small ones. */
export const tiledWeightGradient: Conv2dTable<Conv2dWeightGradient> = (
  ['64x128', '64x64', '32x64', '32x32'] as const
).map((name): Conv2dVariant<Conv2dWeightGradient> => {
  const tile = TILES[name];
  return {
    name: `tiled ${name}`,
    fastOn: 'gpu',
    supports,
    preferred: (geometry, { kind }) => {
      const size = sizeOf(geometry);
      const used = rowsUsed(size, tile) * columnsUsed(size, tile);
      return kind === 'gpu' && supports(geometry) && (used > LEAST_TILE_USE || name === '32x32');
    },
    launch: weightGradient(tile),
  };
});
