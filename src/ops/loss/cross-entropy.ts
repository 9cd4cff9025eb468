import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import { gradEnabled } from '../../autograd/mode';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';
import { launchRows, rowsOf } from '../softmax/row-kernel';
import { checkClasses, lossScale, reducedLossShape, reduceLosses, type LossOptions, type Reduction } from './reduction';

const CROSS_ENTROPY = elementKernel('cross_entropy', () => import('./shaders.lazy'));
const SCALE = elementKernel('scale_rows', () => import('./shaders.lazy'));

export const crossEntropyOp: Op<{ labelSmoothing: number; reduction: Reduction }> = {
  name: 'crossEntropy',
  infer: ([logits, target], { reduction }) => {
    checkClasses('crossEntropy', 'logits', logits, target);
    return { shape: reducedLossShape('crossEntropy', target.shape, reduction), dtype: 'float32' };
  },
  forward: (ctx, [logits, target]: readonly Tensor<DType>[], { labelSmoothing, reduction }, out) => {
    const rows = rowsOf(logits.shape, 1);
    const logitGrads =
      gradEnabled() && logits.requiresGrad
        ? [Tensor.empty(logits.shape, 'float32', logits.device, 'crossEntropy')]
        : [];
    reduceLosses('crossEntropy', target.shape, reduction, out, (losses) => {
      const { checks } = logits.device;
      const tensors = [logits, target, losses, ...logitGrads, checks];
      const check = checks.bound('crossEntropy', 'target classes', rows.length, target.dtype === 'int32');
      const defines = { GRAD: logitGrads.length, SMOOTH: labelSmoothing > 0 ? 1 : 0, CHECKS: tensors.length };
      launchRows(
        logits.device,
        'crossEntropy',
        CROSS_ENTROPY,
        rows,
        tensors,
        { smoothing: labelSmoothing, check },
        defines,
      );
    });
    for (const tensor of logitGrads) ctx.save(tensor);
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [logits], grad, attrs: { reduction }, saved: [logitGrads], gradOf }) => {
    const out = gradOf(0);
    const { rows, length, inner } = rowsOf(logits.shape, 1);
    const params = { n: out.size, length, inner, scale: lossScale(reduction, rows) };
    const defines = { PER_ROW: reduction === 'none' ? 1 : 0 };
    launchElements(out.device, 'crossEntropy', SCALE, out.size, [logitGrads, grad, out], params, defines);
    return [out, null];
  },
};

export interface CrossEntropyOptions extends LossOptions {
  /** Probability that is spread over all classes; default 0. */
  labelSmoothing?: number;
}

/**
 * -log of the probability that softmax(logits) gives the right class. `logits` [N, C] or [N, C, d1, …], `target` the classes
 * [N] or [N, d1, …] as int32 or uint32. With `labelSmoothing` ε the target probability is 1 - ε + ε/C for the right class and
 * ε/C for the others, as in PyTorch. The result is the mean or sum over all rows, or (`reduction: 'none'`) has target's shape.
 * A class outside [0, C) makes the next readback throw `RangeError`; its row's loss and gradient are NaN. There is no class to
 * ignore.
 * Throws `ShapeError` when shapes do not fit, `TypeError` for wrong dtypes, `RangeError` unless 0 <= labelSmoothing <= 1.
 */
export function crossEntropy(logits: Tensor, target: Tensor<DType>, options: CrossEntropyOptions = {}): Tensor {
  checkOptions('crossEntropy', options, 'labelSmoothing reduction');
  const { labelSmoothing = 0, reduction = 'mean' } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`crossEntropy: expected labelSmoothing in [0, 1], got ${labelSmoothing}`);
  }
  return apply(crossEntropyOp, [logits, target], { labelSmoothing, reduction });
}
