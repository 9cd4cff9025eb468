import packSource from '../../shaders/conv2d_pack.wgsl?raw';
import rowsSource from '../../shaders/conv2d_rows.wgsl?raw';
import weightSource from '../../shaders/conv2d_rows_weight.wgsl?raw';
import activationSource from '../../shaders/lib/activation.wgsl?raw';
import { linear, type Device } from '../runtime/device';
import { kernel } from '../runtime/pipelines';
import { elementKernel, launchElements } from '../tensor/launch';
import { Tensor } from '../tensor/tensor';
import { activationParams, type Activation } from './activation';
import { conv2dFlops, type Conv2dGeometry } from './conv2d-geometry';
import type { Conv2dForward, Conv2dInputGradient, Conv2dVariant, Conv2dWeightGradient } from './conv2d-variants';
import { reduceInto } from './reduce-kernel';

const PACK = elementKernel('conv2d_pack', packSource);
const ROWS = kernel('conv2d_rows', activationSource, rowsSource);
const ROWS_WEIGHT = kernel('conv2d_rows_weight', weightSource);

/** Images that one partial weight gradient sums: short sums are accurate. */
const SLICE_IMAGES = 4;

/** Kernel sizes that are worth a pipeline; the code is unrolled over the taps, which bounds them. */
const KERNELS = [1, 3, 5];

/** Output pixels of a register tile; a larger kernel gets a smaller one. */
function tileOf({ kernelWidth }: Conv2dGeometry): { rows: number; width: number } {
  return kernelWidth <= 3 ? { rows: 4, width: 14 } : { rows: 2, width: 8 };
}

/** Output pixels that the weight gradient takes at a time, and the input channels of a workgroup. */
function weightTileOf({ kernelWidth, inChannels }: Conv2dGeometry): { width: number; channels: number } {
  return kernelWidth <= 3
    ? { width: 7, channels: Math.min(4, inChannels) }
    : { width: 4, channels: Math.min(2, inChannels) };
}

/** Whether the kernels are right for the shape and run on the adapter: one subgroup size, a common kernel, no gaps. */
function fits(geometry: Conv2dGeometry, { info }: Device): boolean {
  const { strideH, strideW, dilationH, dilationW, groups, kernelHeight, kernelWidth } = geometry;
  return (
    info.kind === 'cpu' &&
    info.subgroupSize >= 4 &&
    info.subgroupSize <= 16 &&
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
  const taps = kernelHeight * kernelWidth;
  const oTiles = Math.ceil(outputs / lanes);
  const padded = oTiles * lanes;
  const packed = Tensor.empty([channels * taps * padded], 'float32', device, 'conv2d');
  const packing = { n: packed.size, taps, inputs: channels, outputs, padded };
  launchElements(device, 'conv2d', PACK, packed.size, [weight, packed], packing, { FLIP: problem.flip ? 1 : 0 });
  const [xTiles, yTiles] = [Math.ceil(outWidth / tile.width), Math.ceil(outHeight / tile.rows)];
  const tiles = batch * xTiles * yTiles * oTiles;
  device.launch({
    op: 'conv2d',
    kernel: ROWS,
    defines: { LANES: lanes, ROWS: tile.rows, WIDTH: tile.width, KH: kernelHeight, KW: kernelWidth },
    params: {
      tiles,
      x_tiles: xTiles,
      y_tiles: yTiles,
      o_tiles: oTiles,
      channels,
      height: problem.height,
      width: problem.width,
      outputs,
      padded,
      out_height: outHeight,
      out_width: outWidth,
      pad_top: problem.padTop,
      pad_left: problem.padLeft,
      has_bias: bias ? 1 : 0,
      ...activationParams(activation),
    },
    views: [input, packed, bias ?? packed, out].map((tensor) => tensor.view),
    groups: linear(tiles),
    flops: conv2dFlops(geometry),
  });
  packed.dispose();
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

const weightGradient: Conv2dWeightGradient = (geometry, input, gradOut, gradWeight, gradBias) => {
  const {
    batch,
    inChannels,
    outChannels,
    height,
    width,
    outHeight,
    outWidth,
    kernelHeight,
    kernelWidth,
    padTop,
    padLeft,
  } = geometry;
  const { device } = gradWeight;
  const lanes = device.info.subgroupSize;
  const tile = weightTileOf(geometry);
  const slices = Math.ceil(batch / SLICE_IMAGES);
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
      images: SLICE_IMAGES,
      channels: inChannels,
      height,
      width,
      outputs: outChannels,
      out_height: outHeight,
      out_width: outWidth,
      pad_top: padTop,
      pad_left: padLeft,
    },
    views: [input, gradOut, partial, partialBias].map((tensor) => tensor.view),
    groups: linear(tiles),
    flops: conv2dFlops(geometry),
  });
  reduceInto('conv2d', 'sum', partial, [0], 1, gradWeight);
  if (gradBias) reduceInto('conv2d', 'sum', partialBias, [0], 1, gradBias);
  partial.dispose();
  partialBias.dispose();
};

/** Narrow planes and few channels leave most of a tile empty: the general kernels serve them. */
const WIDE = 7;

/** One subgroup a workgroup, lanes over output channels, pixels broadcast: for adapters on which loads are dear. */
export const rowsForward: Conv2dVariant<Conv2dForward> = {
  name: 'rows',
  serves: (geometry, device) => fits(geometry, device) && geometry.outWidth >= WIDE && geometry.outChannels >= 8,
  launch: forward,
};
export const rowsInputGradient: Conv2dVariant<Conv2dInputGradient> = {
  name: 'rows',
  serves: (geometry, device) => fits(geometry, device) && geometry.width >= WIDE && geometry.inChannels >= 8,
  launch: inputGradient,
};
export const rowsWeightGradient: Conv2dVariant<Conv2dWeightGradient> = {
  name: 'rows',
  // It passes the gradient's rows while it walks the input's: padding below must not leave any of them over.
  serves: (geometry, device) =>
    fits(geometry, device) &&
    geometry.outWidth >= WIDE &&
    geometry.outChannels >= 8 &&
    geometry.outHeight <= geometry.height + geometry.padTop,
  launch: weightGradient,
};
