import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import type { Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { drawDropout, dropoutOf, dropoutScale, type Dropout } from '../dropout/draw';
import { POOL2D_ELEMENTS } from '../../variants/cost-model';
import { checkInput, poolGeometry, type PoolAttrs, type PoolGeometry } from './geometry';
import type { Pair } from '../window';

const MAX = elementKernel('max_pool2d', () => import('./shaders.lazy'), { multiItem: true });
const GRAD = elementKernel('max_pool2d_grad', () => import('./shaders.lazy'), { multiItem: true });

/** The bits of -Infinity. */
const MINUS_INFINITY = 0xff800000;

/** Sides of the square windows whose loops are unrolled; each is a pipeline of its own. */
const UNROLLED = [2, 3];

/** Elements that one block of random numbers serves. */
const BLOCK = 4;

interface MaxPoolAttrs extends PoolAttrs {
  readonly dilation: number | Pair;
  readonly dropout: Dropout | null;
}

const geometryOf = (shape: Shape, attrs: MaxPoolAttrs): PoolGeometry =>
  poolGeometry('maxPool2d', shape, attrs, attrs.dilation);

/** The side of a window whose loops are unrolled, or 0. */
const unrolled = (size: Pair, fits: boolean): number =>
  fits && size[0] === size[1] && UNROLLED.includes(size[0]) ? size[0] : 0;

function forward(x: Tensor, attrs: MaxPoolAttrs, out: Tensor, winner: Tensor<'uint32'>): void {
  const { device, size: count } = out;
  const { dropout } = attrs;
  const { sizes, kernel, padding, dilation } = geometryOf(x.shape, attrs);
  const unit = dropout ? BLOCK : POOL2D_ELEMENTS[device.info.kind];
  const units = Math.ceil(count / unit);
  const [dilation_h, dilation_w] = dilation;
  const fixed = { count, units, ...sizes, dilation_h, dilation_w, minus_infinity: MINUS_INFINITY };
  const params = dropout ? () => ({ ...fixed, ...drawDropout(dropout, device, count) }) : fixed;
  launchElements(device, 'maxPool2d', MAX, units, [x, out, winner], params, {
    UNIT: unit,
    TAPS: unrolled(kernel, padding[0] + padding[1] === 0),
    DROPOUT: dropout ? 1 : 0,
  });
}

function backward(shape: Shape, attrs: MaxPoolAttrs, dy: Tensor, winner: Tensor<DType>, dx: Tensor): void {
  const { sizes, stride, padding, dilation, shape: outShape, backward: pass } = geometryOf(shape, attrs);
  const { device } = dx;
  const unit = POOL2D_ELEMENTS[device.info.kind];
  const units = Math.ceil(pass.count / unit);
  const [dilation_h, dilation_w] = dilation;
  const covered = ([0, 1] as const).every(
    (axis) => padding[axis] === 0 && outShape[2 + axis] * stride[axis] === shape[2 + axis],
  );
  const scale = attrs.dropout ? dropoutScale(attrs.dropout) : 1;
  const params = { count: pass.count, units, ...sizes, dilation_h, dilation_w, scale };
  launchElements(device, 'maxPool2d', GRAD, units, [dy, winner, dx], params, {
    UNIT: unit,
    BLOCKS: pass.blocks,
    TILE: unrolled(stride, covered && pass.blocks === 1),
  });
}

export const maxPool2dOp: Op<MaxPoolAttrs> = {
  name: 'maxPool2d',
  infer: ([x], attrs) => {
    checkInput('maxPool2d', x);
    return { shape: geometryOf(x.shape, attrs).shape, dtype: 'float32' };
  },
  forward: (ctx, [x], attrs, out) => {
    // The index of each maximum in its plane (none where it was dropped): the backward pass needs nothing else.
    const winner = Tensor.empty(out.shape, 'uint32', out.device, 'maxPool2d');
    forward(x, attrs, out, winner);
    ctx.save(winner);
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs, saved: [winner], gradOf }) => {
    const dx = gradOf(0);
    backward(x.shape, attrs, grad, winner, dx);
    return [dx];
  },
};

/** Options of `maxPool2d()`. */
export interface MaxPool2dOptions {
  /** Default: the kernel's size. */
  stride?: number | Pair;
  /** Default 0. */
  padding?: number | Pair;
  /** Distance between neighbouring elements of a window; default 1. */
  dilation?: number | Pair;
  /** Probability of a following `dropout`, applied whether training or not, without an extra pass; default 0. */
  dropout?: number;
}

/**
 * The largest element of each window of x `[N, C, H, W]`: `[N, C, OH, OW]` with
 * OH = floor((H + 2 · padding - dilation · (kernel - 1) - 1) / stride) + 1, and OW likewise.
 * Windows may overlap; padding is never the maximum; the first of equal elements gets the gradient, as in PyTorch.
 * Throws `ShapeError` when settings do not fit, padding is more than half the kernel, or a window is larger than the plane,
 * `TypeError` unless x is float32, and `RangeError` when `dropout` is not in [0, 1].
 */
export function maxPool2d(x: Tensor, kernel: number | Pair, options: MaxPool2dOptions = {}): Tensor {
  checkOptions('maxPool2d', options, 'stride padding dilation dropout');
  const { stride = kernel, padding = 0, dilation = 1, dropout = 0 } = options;
  return apply(maxPool2dOp, [x], { kernel, stride, padding, dilation, dropout: dropoutOf(dropout) });
}
