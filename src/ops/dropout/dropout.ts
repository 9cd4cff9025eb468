import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { Params } from '../../wgsl/params';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { Tensor } from '../../tensor/tensor';
import { dropoutOf, dropoutParams, drawDropout, type Dropout } from './draw';

const DROPOUT = elementKernel('dropout', () => import('./shaders.lazy'), { multiItem: true });

function launch(x: Tensor, params: () => Params, y: Tensor): void {
  const n = x.size;
  const blocks = Math.ceil(n / 4);
  launchElements(x.device, 'dropout', DROPOUT, blocks, [x, y], () => ({ n, blocks, ...params() }), { DROPOUT: 1 });
}

export const dropoutOp: Op<Dropout> = {
  name: 'dropout',
  infer: ([x]) => {
    if (x.dtype !== 'float32') throw new TypeError(`dropout: expected input of float32, got ${x.dtype}`);
    return { shape: x.shape, dtype: 'float32' };
  },
  forward: (_, [x], attrs, out) => {
    const { device, size } = x;
    launch(x, () => drawDropout(attrs, device, size), out);
  },
  saves: { inputs: [], output: false },
  backward: ({ grad, attrs, gradOf }) => {
    const dx = gradOf(0);
    launch(grad, () => dropoutParams(attrs), dx);
    return [dx];
  },
};

/**
 * Dropout (Srivastava et al. 2014): each element of `x` becomes 0 with probability `p`, the others are divided by 1 - p. Returns
 * `x` itself when not training or with p = 0. The mask comes from the device's generator and is not stored.
 * Throws `RangeError` when p is not in [0, 1], `TypeError` unless x is float32.
 */
export function dropout(x: Tensor, p = 0.5, training = true): Tensor {
  const attrs = dropoutOf(p);
  return training && attrs ? apply(dropoutOp, [x], attrs) : x;
}
