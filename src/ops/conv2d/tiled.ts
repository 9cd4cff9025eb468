import type { AdapterInfo } from '../../device/gpu';
import { kernel } from '../../runtime/kernels/kernel';
import { LEAST_CONV2D_DEPTH, LEAST_CONV2D_ROWS, LEAST_CONV2D_TILES, LEAST_TILE_USE } from '../../variants/cost-model';
import { activationParams } from '../elementwise/activation';
import { conv2dFlops, type Conv2dGeometry } from './geometry';
import type { Conv2dForward, Conv2dInputGradient, Conv2dTable, Conv2dVariant } from './variant-types';
import {
  countTiles,
  DEPTH,
  digitsOf,
  launchTiled,
  rowsUsed,
  TILES,
  type ProductSize,
  type Tile,
} from '../matmul/tile-product';

const TILED = kernel('conv2d_tiled', () => import('./tiled-shaders.lazy'));

function forwardSize(geometry: Conv2dGeometry): ProductSize {
  const { batch, inChannels, outChannels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  return {
    rows: outChannels,
    columns: batch * outHeight * outWidth,
    depth: inChannels * kernelHeight * kernelWidth,
  };
}

function inputGradientSize(geometry: Conv2dGeometry): ProductSize {
  const { batch, inChannels, outChannels, height, width, kernelHeight, kernelWidth } = geometry;
  return { rows: inChannels, columns: batch * height * width, depth: outChannels * kernelHeight * kernelWidth };
}

const forward =
  (tile: Tile): Conv2dForward =>
  (geometry, input, weight, bias, activation, out) => {
    const { inChannels, height, width, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
    const taps = kernelHeight * kernelWidth;
    launchTiled(out.device, {
      op: 'conv2d',
      kernel: TILED,
      tile,
      size: forwardSize(geometry),
      alongDepth: { a: true, b: false },
      defines: { STRIDED: 0 },
      params: {
        channels: inChannels,
        height,
        width,
        out_height: outHeight,
        out_width: outWidth,
        kernel_height: kernelHeight,
        kernel_width: kernelWidth,
        weight_row: inChannels * taps,
        weight_channel: taps,
        place_h: geometry.strideH,
        place_w: geometry.strideW,
        origin_h: -geometry.padTop,
        origin_w: -geometry.padLeft,
        step_h: geometry.dilationH,
        step_w: geometry.dilationW,
        divisor_h: 1,
        divisor_w: 1,
        has_bias: bias ? 1 : 0,
        ...activationParams(activation),
        jump: digitsOf(DEPTH, kernelHeight, kernelWidth),
      },
      tensors: [input, weight, bias ?? weight, out],
      flops: conv2dFlops(geometry),
    });
  };

const inputGradient =
  (tile: Tile): Conv2dInputGradient =>
  (geometry, gradOut, weight, gradInput) => {
    const { inChannels, outChannels, height, width, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
    const taps = kernelHeight * kernelWidth;
    launchTiled(gradInput.device, {
      op: 'conv2d',
      kernel: TILED,
      tile,
      size: inputGradientSize(geometry),
      alongDepth: { a: true, b: false },
      defines: { STRIDED: geometry.strideH > 1 || geometry.strideW > 1 ? 1 : 0 },
      params: {
        channels: outChannels,
        height: outHeight,
        width: outWidth,
        out_height: height,
        out_width: width,
        kernel_height: kernelHeight,
        kernel_width: kernelWidth,
        weight_row: taps,
        weight_channel: inChannels * taps,
        place_h: 1,
        place_w: 1,
        origin_h: geometry.padTop,
        origin_w: geometry.padLeft,
        step_h: -geometry.dilationH,
        step_w: -geometry.dilationW,
        divisor_h: geometry.strideH,
        divisor_w: geometry.strideW,
        has_bias: 0,
        ...activationParams('none'),
        jump: digitsOf(DEPTH, kernelHeight, kernelWidth),
      },
      tensors: [gradOut, weight, weight, gradInput],
      flops: conv2dFlops(geometry),
    });
  };

const supports = ({ groups }: Conv2dGeometry): boolean => groups === 1;

type TileName = keyof typeof LEAST_CONV2D_TILES;

/** Whether a tile is preferred, given that no larger one is: its rows are used, and there are enough of it. */
function isPreferred(size: ProductSize, name: TileName, { kind }: AdapterInfo): boolean {
  const tile = TILES[name];
  return (
    kind === 'gpu' &&
    size.rows >= LEAST_CONV2D_ROWS &&
    size.depth >= LEAST_CONV2D_DEPTH &&
    (rowsUsed(size, tile) > LEAST_TILE_USE || tile.rows === 32) &&
    countTiles(size, tile) >= LEAST_CONV2D_TILES[name]
  );
}

/** A variant for each tile, from the largest to the smallest. */
function variantsOf<Launch>(
  make: (tile: Tile) => Launch,
  sizeOf: (geometry: Conv2dGeometry) => ProductSize,
): Conv2dTable<Launch> {
  return (Object.keys(LEAST_CONV2D_TILES) as TileName[]).map((name): Conv2dVariant<Launch> => {
    return {
      name: `tiled ${name}`,
      fastOn: 'gpu',
      supports,
      preferred: (geometry, adapter) => supports(geometry) && isPreferred(sizeOf(geometry), name, adapter),
      launch: make(TILES[name]),
    };
  });
}

/** Tiled products in workgroup memory, for GPUs, from large tiles to small ones. */
export const tiledForward = variantsOf(forward, forwardSize);
export const tiledInputGradient = variantsOf(inputGradient, inputGradientSize);
