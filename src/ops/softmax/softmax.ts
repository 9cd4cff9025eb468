import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel } from '../../runtime/kernels/element-kernel';
import { normalizeAxis } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { launchRows, rowsOf } from './row-kernel';

const SOFTMAX = elementKernel('softmax', () => import('./shaders.lazy'));
const GRADIENT = elementKernel('softmax_grad', () => import('./shaders.lazy'));

function softmaxRule(name: string, log: 0 | 1): Op<{ axis: number }> {
  return {
    name,
    infer: ([x]) => {
      if (x.dtype !== 'float32') throw new TypeError(`${name}: expected float32, got ${x.dtype}`);
      return { shape: x.shape, dtype: 'float32' };
    },
    forward: (_, [x], { axis }, out) => {
      launchRows(x.device, name, SOFTMAX, rowsOf(x.shape, axis), [x, out], {}, { LOG: log });
    },
    saves: { inputs: [], output: true },
    backward: ({ output, grad, attrs: { axis }, gradOf }) => {
      const out = gradOf(0);
      launchRows(out.device, name, GRADIENT, rowsOf(output.shape, axis), [output, grad, out], {}, { LOG: log });
      return [out];
    },
  };
}

export const softmaxOp = softmaxRule('softmax', 0);
export const logSoftmaxOp = softmaxRule('logSoftmax', 1);

/**
 * exp(x) / Σ exp(x) along `axis`, without overflow. A long axis is summed in parallel and in short blocks.
 * Throws `ShapeError` for an axis that `x` does not have, `TypeError` unless `x` is float32.
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkTensor('softmax', 'input 0', x);
  return apply(softmaxOp, [x], { axis: normalizeAxis('softmax', axis, x.rank) });
}

/** The logarithm of `softmax(x, axis)`, accurate where that is tiny. Throws as `softmax` does. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkTensor('logSoftmax', 'input 0', x);
  return apply(logSoftmaxOp, [x], { axis: normalizeAxis('logSoftmax', axis, x.rank) });
}
