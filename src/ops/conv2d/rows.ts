import type { AdapterInfo } from '../../device/gpu';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import { kernel } from '../../runtime/kernels/kernel';
import type { Tensor } from '../../tensor/tensor';
import { activationParams, type Activation } from '../elementwise/activation';
import { conv2dFlops, type Conv2dGeometry } from './geometry';
import type { Conv2dForward, Conv2dInputGradient, Conv2dVariant } from './variant-types';
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

interface RowsProblem {
  readonly geometry: Conv2dGeometry;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outputs: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** Whether the weight is read as the transposed convolution's. */
  readonly flip: boolean;
}

function launchRows(
  problem: RowsProblem,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  activation: Activation,
  out: Tensor,
): void {
  const { geometry, channels, outputs, outHeight, outWidth } = problem;
  const { kernelHeight, kernelWidth, batch } = geometry;
  const { device } = out;
  const lanes = device.info.subgroupSize;
  const tile = tileOf(geometry);
  const oTiles = Math.ceil(outputs / lanes);
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
      FLIP: problem.flip ? 1 : 0,
    },
    params: {
      tiles,
      x_tiles: xTiles,
      y_tiles: yTiles,
      o_tiles: oTiles,
      channels,
      height: problem.height,
      width: problem.width,
      outputs,
      out_height: outHeight,
      out_width: outWidth,
      pad_top: problem.padTop,
      pad_left: problem.padLeft,
      has_bias: bias ? 1 : 0,
      ...activationParams(activation),
    },
    views: [input, weight, bias ?? weight, out].map((tensor) => tensor.view),
    groups: foldWorkgroups(tiles),
    flops: conv2dFlops(geometry),
  });
}

const forward: Conv2dForward = (geometry, input, weight, bias, activation, out) => {
  const { inChannels, outChannels, height, width, outHeight, outWidth, padTop, padLeft } = geometry;
  launchRows(
    {
      geometry,
      channels: inChannels,
      height,
      width,
      outputs: outChannels,
      outHeight,
      outWidth,
      padTop,
      padLeft,
      flip: false,
    },
    input,
    weight,
    bias,
    activation,
    out,
  );
};

/** The gradient to the input is the convolution of the output's gradient with the turned weight, padded by what is left of the kernel. */
const inputGradient: Conv2dInputGradient = (geometry, gradOut, weight, gradInput) => {
  const { inChannels, outChannels, height, width, outHeight, outWidth, kernelHeight, kernelWidth, padTop, padLeft } =
    geometry;
  launchRows(
    {
      geometry,
      channels: outChannels,
      height: outHeight,
      width: outWidth,
      outputs: inChannels,
      outHeight: height,
      outWidth: width,
      padTop: kernelHeight - 1 - padTop,
      padLeft: kernelWidth - 1 - padLeft,
      flip: true,
    },
    gradOut,
    weight,
    null,
    'none',
    gradInput,
  );
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
