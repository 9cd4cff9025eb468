import { kernel } from '../../runtime/kernels/kernel';
import { Tensor } from '../../tensor/tensor';
import { LEAST_TILE_USE, LONGEST_SUM } from '../../variants/cost-model';
import type { Conv2dGeometry } from './geometry';
import { conv2dFlops, windowParams } from './params';
import type { Conv2dVariant, Conv2dWeightGradient } from './variant';
import { reduceInto } from '../reduce/reduce-kernel';
import {
  columnsUsed,
  depthStep,
  launchTiled,
  rowsUsed,
  splitDepth,
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
    const slices = splitDepth(size, tile, LONGEST_SUM);
    const sums = (gradBias ? [gradWeight, gradBias] : [gradWeight]).map((out) => ({
      out,
      partial: slices.count === 1 ? out : Tensor.empty([slices.count, out.size], 'float32', device, 'conv2d'),
    }));
    launchTiled(device, {
      op: 'conv2d',
      kernel: TILED_WEIGHT,
      tile,
      size,
      slices,
      alongDepth: { a: true, b: true },
      defines: { REPAIR: 1, FINISH: gradBias ? 1 : 0 },
      params: {
        channels: geometry.inChannels,
        ...windowParams(geometry),
        depth_step: depthStep(geometry.outHeight, geometry.outWidth),
      },
      tensors: [input, gradOut, ...sums.map(({ partial }) => partial)],
      flops: conv2dFlops(geometry),
    });
    if (slices.count === 1) return;
    for (const { out, partial } of sums) {
      reduceInto('conv2d', 'sum', partial, [0], 1, out);
      partial.dispose();
    }
  };

const supports = ({ groups }: Conv2dGeometry): boolean => groups === 1;

/** The gradient to the weight by tiled products that split the sum, for GPUs, from large tiles to small ones. */
export const tiledWeightGradient: readonly Conv2dVariant<Conv2dWeightGradient>[] = (
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
