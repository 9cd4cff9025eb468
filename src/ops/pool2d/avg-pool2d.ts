import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { Shape } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { checkInput, poolGeometry, type PoolAttrs, type PoolGeometry } from './geometry';
import { mean } from '../reduce/reduce';
import type { Pair } from '../window';

const AVG = elementKernel('avg_pool2d', () => import('./shaders.lazy'));

interface AvgPoolAttrs extends PoolAttrs {
  readonly countIncludePad: boolean;
}

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
  saves: { inputs: [], output: false },
  backward: ({ inputs: [x], grad, attrs, gradOf }) => {
    const out = gradOf(0);
    const { sizes, backward } = avgGeometry(x.shape, attrs);
    const { count, blocks } = backward;
    const params = { count, ...sizes, count_padding: attrs.countIncludePad ? 1 : 0 };
    launchElements(out.device, 'avgPool2d', AVG, count, [grad, out], params, { GRAD: 1, BLOCKS: blocks });
    return [out];
  },
};

/** Options of `avgPool2d()`. */
export interface AvgPool2dOptions {
  /** Default: the kernel's size. */
  stride?: number | Pair;
  /** Default 0. */
  padding?: number | Pair;
  /** Whether zeros of the padding count as elements; default true. */
  countIncludePad?: boolean;
}

/**
 * The mean of each window of x `[N, C, H, W]`: `[N, C, OH, OW]`, with OH and OW as in `maxPool2d` with dilation 1.
 * With `countIncludePad` (the default) zeros of the padding count as elements. Throws what `maxPool2d` throws.
 */
export function avgPool2d(x: Tensor, kernel: number | Pair, options: AvgPool2dOptions = {}): Tensor {
  checkOptions('avgPool2d', options, 'stride padding countIncludePad');
  const { stride = kernel, padding = 0, countIncludePad = true } = options;
  return apply(avgPool2dOp, [x], { kernel, stride, padding, countIncludePad });
}

/** The mean of each plane of x `[N, C, H, W]`: `[N, C, 1, 1]`. Throws `ShapeError` for another rank, `TypeError` unless x is float32. */
export function globalAvgPool2d(x: Tensor): Tensor {
  checkTensor('globalAvgPool2d', 'input 0', x);
  checkInput('globalAvgPool2d', x);
  return mean(x, [2, 3], true);
}
