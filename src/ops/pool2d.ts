import avgSource from '../../shaders/avg_pool2d.wgsl?raw';
import windowsSource from '../../shaders/lib/pool2d.wgsl?raw';
import maxSource from '../../shaders/max_pool2d.wgsl?raw';
import { apply } from '../autograd/apply';
import type { Op } from '../autograd/op';
import type { Params } from '../runtime/params';
import type { Defines } from '../runtime/template';
import { elementKernel, launchElements } from '../tensor/launch';
import { formatShape, ShapeError, type Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { mean } from './reduce';
import { countPlaces, pairOf, type Pair } from './window';

const MAX = elementKernel('max_pool2d', windowsSource, maxSource);
const AVG = elementKernel('avg_pool2d', windowsSource, avgSource);

/** The bits of -Infinity. */
const NOTHING = 0xff800000;

interface PoolAttrs {
  readonly kernel: number | Pair;
  readonly stride: number | Pair;
  readonly padding: number | Pair;
}

interface MaxPoolAttrs extends PoolAttrs {
  readonly dilation: number | Pair;
}

interface AvgPoolAttrs extends PoolAttrs {
  readonly countIncludePad: boolean;
}

function checkInput(op: string, { shape, dtype }: Tensor): void {
  if (dtype !== 'float32') throw new ShapeError(`${op}: input is ${dtype}, float32 is wanted`);
  if (shape.length !== 4) throw new ShapeError(`${op}: input [N, C, H, W] is wanted, got ${formatShape(shape)}`);
}

/** Blocks of more elements leave too few invocations. */
const MAX_BLOCK = 16;

interface PoolGeometry {
  readonly shape: readonly number[];
  /** The uniforms that both kernels have. */
  readonly sizes: Params;
  readonly dilation: Pair;
  /** Invocations of the backward kernel, and whether each writes a block of the plane or one element. */
  readonly backward: { readonly count: number; readonly blocks: 0 | 1 };
}

function poolGeometry(op: string, shape: Shape, attrs: PoolAttrs, dilated: number | Pair): PoolGeometry {
  const kernel = pairOf(op, 'kernel', attrs.kernel, 1);
  const stride = pairOf(op, 'stride', attrs.stride, 1);
  const padding = pairOf(op, 'padding', attrs.padding, 0);
  const dilation = pairOf(op, 'dilation', dilated, 1);
  if (2 * padding[0] > kernel[0] || 2 * padding[1] > kernel[1]) {
    throw new ShapeError(`${op}: padding ${formatShape(padding)} is more than half of kernel ${formatShape(kernel)}`);
  }
  const [batch, channels, height, width] = shape;
  const window = { kernel, stride, dilation, before: padding, after: padding };
  const [outHeight, outWidth] = countPlaces(op, [height, width], window);
  const apart = ([0, 1] as const).every((axis) => stride[axis] >= dilation[axis] * (kernel[axis] - 1) + 1);
  const blocks = apart && stride[0] * stride[1] <= MAX_BLOCK;
  const blocksH = Math.ceil((height + padding[0]) / stride[0]);
  const blocksW = Math.ceil((width + padding[1]) / stride[1]);
  const sizes = {
    height,
    width,
    out_height: outHeight,
    out_width: outWidth,
    kernel_height: kernel[0],
    kernel_width: kernel[1],
    stride_h: stride[0],
    stride_w: stride[1],
    pad_h: padding[0],
    pad_w: padding[1],
    blocks_h: blocksH,
    blocks_w: blocksW,
  };
  const count = batch * channels * (blocks ? blocksH * blocksW : height * width);
  return {
    shape: [batch, channels, outHeight, outWidth],
    sizes,
    dilation,
    backward: { count, blocks: blocks ? 1 : 0 },
  };
}

const maxGeometry = (shape: Shape, attrs: MaxPoolAttrs): PoolGeometry =>
  poolGeometry('maxPool2d', shape, attrs, attrs.dilation);

function runMax(geometry: PoolGeometry, tensors: readonly Tensor[], count: number, defines: Defines): void {
  const [dilation_h, dilation_w] = geometry.dilation;
  const params = { count, ...geometry.sizes, dilation_h, dilation_w, nothing: NOTHING };
  launchElements(tensors[0].device, 'maxPool2d', MAX, count, tensors, params, defines);
}

export const maxPool2dOp: Op<MaxPoolAttrs> = {
  name: 'maxPool2d',
  infer: ([x], attrs) => {
    checkInput('maxPool2d', x);
    return { shape: maxGeometry(x.shape, attrs).shape, dtype: 'float32' };
  },
  forward: (ctx, [x], attrs, out) => {
    // Where in its plane each maximum lies: the backward pass needs nothing else.
    const winner = Tensor.empty(out.shape, 'uint32', out.device, 'maxPool2d');
    runMax(maxGeometry(x.shape, attrs), [x, out, winner], out.size, { GRAD: 0 });
    ctx.save(winner);
  },
  keeps: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs, saved: [winner], gradOf }) => {
    const out = gradOf(0);
    const geometry = maxGeometry(x.shape, attrs);
    const { count, blocks } = geometry.backward;
    runMax(geometry, [grad, winner, out], count, { GRAD: 1, BLOCKS: blocks });
    return [out];
  },
};

const avgGeometry = (shape: Shape, attrs: AvgPoolAttrs): PoolGeometry => poolGeometry('avgPool2d', shape, attrs, 1);

export const avgPool2dOp: Op<AvgPoolAttrs> = {
  name: 'avgPool2d',
  infer: ([x], attrs) => {
    checkInput('avgPool2d', x);
    return { shape: avgGeometry(x.shape, attrs).shape, dtype: 'float32' };
  },
  forward: (_, [x], attrs, out) => {
    const { sizes } = avgGeometry(x.shape, attrs);
    const params = { count: out.size, ...sizes, count_padding: attrs.countIncludePad ? 1 : 0 };
    launchElements(out.device, 'avgPool2d', AVG, out.size, [x, out], params, { GRAD: 0 });
  },
  keeps: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs, gradOf }) => {
    const out = gradOf(0);
    const { sizes, backward } = avgGeometry(x.shape, attrs);
    const { count, blocks } = backward;
    const params = { count, ...sizes, count_padding: attrs.countIncludePad ? 1 : 0 };
    launchElements(out.device, 'avgPool2d', AVG, count, [grad, out], params, { GRAD: 1, BLOCKS: blocks });
    return [out];
  },
};

/**
 * The largest element of each window of x `[N, C, H, W]`: `[N, C, OH, OW]` with
 * OH = floor((H + 2 · padding - dilation · (kernel - 1) - 1) / stride) + 1, and OW alike. `stride` defaults to `kernel`.
 * Windows may overlap; padding never wins; the first of equal elements gets the gradient, as in PyTorch. float32 only.
 * Throws `ShapeError` when settings do not fit, padding is more than half the kernel, or a window is larger than the plane.
 */
export function maxPool2d(
  x: Tensor,
  kernel: number | Pair,
  { stride = kernel, padding = 0, dilation = 1 }: Partial<Omit<MaxPoolAttrs, 'kernel'>> = {},
): Tensor {
  return apply(maxPool2dOp, [x], { kernel, stride, padding, dilation });
}

/**
 * The mean of each window of x `[N, C, H, W]`: `[N, C, OH, OW]`, of the sizes that `maxPool2d` has with dilation 1.
 * `countIncludePad` (the default) counts the padding's zeros as elements. float32 only. Throws as `maxPool2d` does.
 */
export function avgPool2d(
  x: Tensor,
  kernel: number | Pair,
  { stride = kernel, padding = 0, countIncludePad = true }: Partial<Omit<AvgPoolAttrs, 'kernel'>> = {},
): Tensor {
  return apply(avgPool2dOp, [x], { kernel, stride, padding, countIncludePad });
}

/** The mean of each plane of x `[N, C, H, W]`: `[N, C, 1, 1]`. float32 only. Throws `ShapeError` for another rank or type. */
export function globalAvgPool2d(x: Tensor): Tensor {
  checkInput('globalAvgPool2d', x);
  return mean(x, [2, 3], true);
}
