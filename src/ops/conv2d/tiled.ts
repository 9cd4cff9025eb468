import type { AdapterInfo } from '../../device/gpu';
import type { Tensor } from '../../tensor/tensor';
import type { Pair } from '../window';
import { kernel } from '../../runtime/kernels/kernel';
import { LEAST_CONV2D_DEPTH, LEAST_CONV2D_ROWS, LEAST_CONV2D_TILES, LEAST_TILE_USE } from '../../variants/cost-model';
import { activationParams, type Activation } from '../elementwise/activation';
import type { Conv2dGeometry } from './geometry';
import { conv2dFlops, transposed, windowParams } from './params';
import type { Conv2dForward, Conv2dInputGradient, Conv2dVariant } from './variant';
import {
  countTiles,
  depthStep,
  launchTiled,
  rowsUsed,
  TILES,
  type ProductSize,
  type Tile,
} from '../matmul/tile-product';

const TILED = kernel('conv2d_tiled', () => import('./tiled-shaders.lazy'));

/** The product that makes the output: see conv2d_tiled.wgsl. */
function forwardSize(geometry: Conv2dGeometry): ProductSize {
  const { batch, inChannels, outChannels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  return {
    rows: outChannels,
    columns: batch * outHeight * outWidth,
    depth: inChannels * kernelHeight * kernelWidth,
  };
}

const inputGradientSize = (geometry: Conv2dGeometry): ProductSize => forwardSize(transposed(geometry));

interface TiledConvolution {
  readonly geometry: Conv2dGeometry;
  /** Of the source's rows and columns: the stride, in the gradient to the input. */
  readonly divisor: Pair;
  /** Elements of the weight from a channel of the result, or of the source, to the next. */
  readonly weightSteps: readonly [row: number, channel: number];
  readonly flops: number;
}

function launchConvolution(
  tile: Tile,
  { geometry, divisor, weightSteps, flops }: TiledConvolution,
  [source, weight, bias, result]: readonly [Tensor, Tensor, Tensor | null, Tensor],
  activation: Activation,
): void {
  launchTiled(result.device, {
    op: 'conv2d',
    kernel: TILED,
    tile,
    size: forwardSize(geometry),
    alongDepth: { a: true, b: false },
    defines: { REPAIR: 1, STRIDED: Math.max(...divisor) > 1 ? 1 : 0 },
    params: {
      channels: geometry.inChannels,
      weight_row: weightSteps[0],
      weight_channel: weightSteps[1],
      divisor_h: divisor[0],
      divisor_w: divisor[1],
      has_bias: bias ? 1 : 0,
      depth_step: depthStep(geometry.kernelHeight, geometry.kernelWidth),
      ...windowParams(geometry),
      ...activationParams(activation),
    },
    tensors: [source, weight, bias ?? weight, result],
    flops,
  });
}

const forward =
  (tile: Tile): Conv2dForward =>
  (geometry, input, weight, bias, activation, out) => {
    const taps = geometry.kernelHeight * geometry.kernelWidth;
    const weightSteps = [geometry.inChannels * taps, taps] as const;
    const convolution = { geometry, divisor: [1, 1], weightSteps, flops: conv2dFlops(geometry) } as const;
    launchConvolution(tile, convolution, [input, weight, bias, out], activation);
  };

const inputGradient =
  (tile: Tile): Conv2dInputGradient =>
  (geometry, gradOut, weight, gradInput) => {
    const taps = geometry.kernelHeight * geometry.kernelWidth;
    const convolution: TiledConvolution = {
      geometry: transposed(geometry),
      divisor: [geometry.strideH, geometry.strideW],
      weightSteps: [taps, geometry.inChannels * taps],
      flops: conv2dFlops(geometry),
    };
    launchConvolution(tile, convolution, [gradOut, weight, null, gradInput], 'none');
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
): readonly Conv2dVariant<Launch>[] {
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
