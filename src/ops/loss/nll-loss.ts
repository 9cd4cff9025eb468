import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { rowsOf } from '../softmax/row-kernel';
import { checkClasses, lossScale, reducedLossShape, reduceLosses, type LossOptions, type Reduction } from './reduction';

const NLL = elementKernel('nll_loss', () => import('./shaders.lazy'));

export const nllLossOp: Op<{ reduction: Reduction }> = {
  name: 'nllLoss',
  infer: ([logProbs, target], { reduction }) => {
    checkClasses('nllLoss', 'logProbs', logProbs, target);
    return { shape: reducedLossShape('nllLoss', target.shape, reduction), dtype: 'float32' };
  },
  forward: (_, [logProbs, target]: readonly Tensor<DType>[], { reduction }, out) => {
    const { rows, length, inner } = rowsOf(logProbs.shape, 1);
    const params = { n: rows, length, inner, scale: 1 };
    reduceLosses('nllLoss', target.shape, reduction, out, (losses) => {
      const { checks } = out.device;
      const check = checks.bound('nllLoss', 'target classes', length, target.dtype === 'int32');
      const defines = { GRAD: 0, CHECKS: 4 };
      launchElements(
        out.device,
        'nllLoss',
        NLL,
        rows,
        [target, logProbs, losses, checks],
        { ...params, check },
        defines,
      );
    });
  },
  saves: { inputs: [1], output: false },
  backward: ({ inputs: [logProbs, target], grad, attrs: { reduction }, gradOf }) => {
    const out = gradOf(0);
    const { rows, length, inner } = rowsOf(logProbs.shape, 1);
    const params = { n: out.size, length, inner, scale: lossScale(reduction, rows) };
    const defines = { GRAD: 1, PER_ROW: reduction === 'none' ? 1 : 0, CHECKS: 0 };
    launchElements(out.device, 'nllLoss', NLL, out.size, [target, grad, out], params, defines);
    return [out, null];
  },
};

/**
 * -logProbs at the right class, for log-probabilities as `logSoftmax(x, 1)` gives them: [N, C] or [N, C, d1, …], `target` the
 * classes [N] or [N, d1, …] as int32 or uint32. A class outside [0, C) makes the next readback throw
 * `RangeError`; its row's loss and gradient are NaN.
 * Throws `ShapeError` when shapes do not fit, `TypeError` for wrong dtypes.
 */
export function nllLoss(logProbs: Tensor, target: Tensor<DType>, options: LossOptions = {}): Tensor {
  checkOptions('nllLoss', options, 'reduction');
  const { reduction = 'mean' } = options;
  return apply(nllLossOp, [logProbs, target], { reduction });
}
