import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Params } from '../../wgsl/params';
import { checkInput } from '../pool2d/geometry';
import { pairOf, type Pair } from '../window';

const UPSAMPLE = elementKernel('upsample', () => import('./shaders.lazy'));

/** Options of `upsample()`: one of `size` and `scaleFactor`. */
export interface UpsampleOptions {
  /** Height and width of the result. */
  size?: number | Pair;
  /** By how much height and width grow: integers. */
  scaleFactor?: number | Pair;
  /** Default 'nearest'. */
  mode?: 'nearest' | 'bilinear';
  /** Whether the corners of a bilinear result are the corners of the input; default false. */
  alignCorners?: boolean;
}

/** Throws `TypeError` for options that do not fit each other, `RangeError` for a mode that does not exist. */
export function checkUpsample(options: UpsampleOptions): void {
  checkOptions('upsample', options, 'size scaleFactor mode alignCorners');
  const { size, scaleFactor, mode = 'nearest', alignCorners } = options;
  if ((size === undefined) === (scaleFactor === undefined))
    throw new TypeError(`upsample: expected size or scaleFactor, got ${size === undefined ? 'neither' : 'both'}`);
  if (!['nearest', 'bilinear'].includes(mode))
    throw new RangeError(`upsample: expected mode 'nearest' or 'bilinear', got '${mode}'`);
  if (alignCorners && mode === 'nearest') throw new TypeError("upsample: alignCorners needs mode 'bilinear'");
}

function sizeOf([, , height, width]: Shape, { size, scaleFactor = 1 }: UpsampleOptions): Pair {
  if (size !== undefined) return pairOf('upsample', 'size', size, 1);
  const [h, w] = pairOf('upsample', 'scaleFactor', scaleFactor, 1);
  return [height * h, width * w];
}

function launch(shape: Shape, options: UpsampleOptions, [from, to]: readonly [Tensor, Tensor], grad: 0 | 1): void {
  const { mode = 'nearest', alignCorners = false } = options;
  const [outHeight, outWidth] = sizeOf(shape, options);
  const [, , height, width] = shape;
  const scale = (n: number, out: number): number =>
    alignCorners ? (n - 1) / Math.max(out - 1, 1) : n / out; // prettier-ignore
  const [scaleH, scaleW] = [scale(height, outHeight), scale(width, outWidth)];
  const params: Params = {
    count: to.size,
    height,
    width,
    out_height: outHeight,
    out_width: outWidth,
    scale_h: scaleH,
    scale_w: scaleW,
    // Where all indices lie at 0, each is within reach of it.
    inverse_h: scaleH > 0 ? 1 / scaleH : outHeight,
    inverse_w: scaleW > 0 ? 1 / scaleW : outWidth,
  };
  const defines = { MODE: alignCorners ? 'corners' : mode, GRAD: grad };
  launchElements(to.device, 'upsample', UPSAMPLE, to.size, [from, to], params, defines);
}

export const upsampleOp: Op<UpsampleOptions> = {
  name: 'upsample',
  infer: ([x], options) => {
    checkInput('upsample', x);
    return { shape: [...x.shape.slice(0, 2), ...sizeOf(x.shape, options)], dtype: 'float32' };
  },
  forward: (_, [x], options, out) => {
    launch(x.shape, options, [x, out], 0);
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs, gradOf }) => {
    const out = gradOf(0);
    launch(x.shape, attrs, [grad, out], 1);
    return [out];
  },
};

/**
 * x `[N, C, H, W]` in another size, larger or smaller: `[N, C, OH, OW]`, given as `size` or as integer factors. 'nearest' repeats
 * elements, 'bilinear' interpolates between the four nearest: of elements as areas, or (`alignCorners`) as points of a grid. The same
 * as PyTorch's `interpolate`.
 * Throws `ShapeError` for another rank or a size that is none, `TypeError` unless x is float32 and one of size and factor is given,
 * `RangeError` for another mode.
 */
export function upsample(x: Tensor, options: UpsampleOptions): Tensor {
  checkUpsample(options);
  return apply(upsampleOp, [x], { ...options });
}
