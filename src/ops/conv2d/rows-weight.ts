import { foldWorkgroups } from '../../runtime/kernels/launch';
import { kernel } from '../../runtime/kernels/kernel';
import { Tensor } from '../../tensor/tensor';
import {
  LEAST_ROWS_CHANNELS,
  LEAST_ROWS_WIDTH,
  LEAST_SLICE_IMAGES,
  MAX_IMAGE_SLICES,
  ROWS_WEIGHT_TILE,
} from '../../variants/cost-model';
import type { Conv2dGeometry } from './geometry';
import { conv2dFlops, windowParams } from './params';
import { fitsRows } from './rows';
import type { Conv2dVariant, Conv2dWeightGradient } from './variant';
import { sumPartials } from '../reduce/sum-partials';

const ROWS_WEIGHT = kernel('conv2d_rows_weight', () => import('./subgroup-shaders.lazy'));

/** Output pixels that the weight gradient takes at a time, and the input channels of a workgroup. */
function weightTileOf({ kernelWidth, inChannels }: Conv2dGeometry): { width: number; channels: number } {
  const { width, channels } = ROWS_WEIGHT_TILE[kernelWidth <= 3 ? 'small' : 'large'];
  return { width, channels: Math.min(channels, inChannels) };
}

const weightGradient: Conv2dWeightGradient = (geometry, input, gradOut, gradWeight, gradBias) => {
  const { batch, inChannels, outChannels, kernelHeight, kernelWidth } = geometry;
  const { device } = gradWeight;
  const lanes = device.info.subgroupSize;
  const tile = weightTileOf(geometry);
  const images = Math.max(LEAST_SLICE_IMAGES, Math.ceil(batch / MAX_IMAGE_SLICES));
  const slices = Math.ceil(batch / images);
  const partial = Tensor.empty([slices, gradWeight.size], 'float32', device, 'conv2d');
  const partialBias = Tensor.empty([slices, outChannels], 'float32', device, 'conv2d');
  const [cTiles, oTiles] = [Math.ceil(inChannels / tile.channels), Math.ceil(outChannels / lanes)];
  const tiles = slices * cTiles * oTiles;
  device.launch({
    op: 'conv2d',
    kernel: ROWS_WEIGHT,
    defines: { LANES: lanes, WIDTH: tile.width, CHANNELS: tile.channels, KH: kernelHeight, KW: kernelWidth },
    params: {
      tiles,
      c_tiles: cTiles,
      o_tiles: oTiles,
      batch,
      images,
      channels: inChannels,
      outputs: outChannels,
      ...windowParams(geometry),
    },
    views: [input, gradOut, partial, partialBias].map((tensor) => tensor.view),
    workgroups: foldWorkgroups(tiles),
    flops: conv2dFlops(geometry),
  });
  sumPartials('conv2d', { partial, out: gradWeight }, gradBias && { partial: partialBias, out: gradBias });
  partial.dispose();
  partialBias.dispose();
};

/** One subgroup a workgroup, lanes over output channels, as the other row kernels. */
export const rowsWeightGradient: Conv2dVariant<Conv2dWeightGradient> = {
  name: 'rows',
  // It passes the gradient's rows while it walks the input's: padding below must not leave any of them over.
  supports: (geometry, adapter) =>
    fitsRows(geometry, adapter) && geometry.outHeight <= geometry.height + geometry.padTop,
  preferred: ({ outWidth, outChannels }) => outWidth >= LEAST_ROWS_WIDTH && outChannels >= LEAST_ROWS_CHANNELS,
  launch: weightGradient,
};
