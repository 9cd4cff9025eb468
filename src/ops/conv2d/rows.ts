import type { AdapterInfo } from '../../device/gpu';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import { kernel } from '../../runtime/kernels/kernel';
import type { Tensor } from '../../tensor/tensor';
import { activationParams, type Activation } from '../elementwise/activation';
import type { Conv2dGeometry } from './geometry';
import { conv2dFlops, transposed, windowParams } from './params';
import type { Conv2dForward, Conv2dInputGradient, Conv2dVariant } from './variant';
import { LEAST_ROWS_CHANNELS, LEAST_ROWS_WIDTH, ROWS_TILE } from '../../variants/cost-model';
import { subgroupLanes } from '../../variants/subgroup';

const ROWS = kernel('conv2d_rows', () => import('./subgroup-shaders.lazy'));

/** Kernel sizes that are worth a pipeline; the code is unrolled over the taps, which bounds them. */
const KERNELS = [1, 3, 5];

/** Output pixels of a register tile; a larger kernel gets a smaller one. */
function tileOf({ kernelWidth }: Conv2dGeometry): { rows: number; width: number } {
  return ROWS_TILE[kernelWidth <= 3 ? 'small' : 'large'];
}

/** Whether the kernels are right for the shape and run on the adapter: one subgroup size, a common kernel, no gaps. */
export function fitsRows(geometry: Conv2dGeometry, adapter: AdapterInfo): boolean {
  const { strideH, strideW, dilationH, dilationW, groups, kernelHeight, kernelWidth } = geometry;
  return (
    adapter.kind === 'cpu' &&
    subgroupLanes(adapter) > 0 &&
    Math.max(strideH, strideW, dilationH, dilationW, groups) === 1 &&
    kernelHeight === kernelWidth &&
    KERNELS.includes(kernelWidth)
  );
}

/** Launches the kernel on a convolution; `flip` reads the weight as that of the transposed one. */
function launchRows(
  geometry: Conv2dGeometry,
  flip: boolean,
  [input, weight, bias, out]: readonly [Tensor, Tensor, Tensor | null, Tensor],
  activation: Activation,
  flops: number,
): void {
  const { kernelHeight, kernelWidth, batch, inChannels, outChannels, outHeight, outWidth } = geometry;
  const { device } = out;
  const lanes = device.info.subgroupSize;
  const tile = tileOf(geometry);
  const oTiles = Math.ceil(outChannels / lanes);
  const [xTiles, yTiles] = [Math.ceil(outWidth / tile.width), Math.ceil(outHeight / tile.rows)];
  const tiles = batch * xTiles * yTiles * oTiles;
  device.launch({
    op: 'conv2d',
    kernel: ROWS,
    defines: {
      LANES: lanes,
      ROWS: tile.rows,
      WIDTH: tile.width,
      KH: kernelHeight,
      KW: kernelWidth,
      FLIP: flip ? 1 : 0,
      STRIDED: 0,
    },
    params: {
      tiles,
      x_tiles: xTiles,
      y_tiles: yTiles,
      o_tiles: oTiles,
      channels: inChannels,
      outputs: outChannels,
      has_bias: bias ? 1 : 0,
      ...windowParams(geometry),
      ...activationParams(activation),
    },
    views: [input, weight, bias ?? weight, out].map((tensor) => tensor.view),
    workgroups: foldWorkgroups(tiles),
    flops,
  });
}

const forward: Conv2dForward = (geometry, input, weight, bias, activation, out) => {
  launchRows(geometry, false, [input, weight, bias, out], activation, conv2dFlops(geometry));
};

/** By the transposed convolution; with its taps in reverse order it begins one kernel, less a tap, earlier. */
const inputGradient: Conv2dInputGradient = (geometry, gradOut, weight, gradInput) => {
  const back = transposed(geometry);
  const turned: Conv2dGeometry = {
    ...back,
    dilationH: 1,
    dilationW: 1,
    padTop: back.padTop + geometry.kernelHeight - 1,
    padLeft: back.padLeft + geometry.kernelWidth - 1,
  };
  launchRows(turned, true, [gradOut, weight, null, gradInput], 'none', conv2dFlops(geometry));
};

/** One subgroup a workgroup, lanes over output channels, pixels broadcast: for adapters on which loads are dear. */
export const rowsForward: Conv2dVariant<Conv2dForward> = {
  name: 'rows',
  supports: fitsRows,
  preferred: ({ outWidth, outChannels }) => outWidth >= LEAST_ROWS_WIDTH && outChannels >= LEAST_ROWS_CHANNELS,
  launch: forward,
};
export const rowsInputGradient: Conv2dVariant<Conv2dInputGradient> = {
  name: 'rows',
  supports: fitsRows,
  preferred: ({ width, inChannels }) => width >= LEAST_ROWS_WIDTH && inChannels >= LEAST_ROWS_CHANNELS,
  launch: inputGradient,
};
