import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { launchVectors, vectorKernel, vectorOf } from '../../runtime/kernels/element-kernel';
import { formatShape, sameShape, ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { lossScale, reducedLossShape, reduceLosses, type LossOptions, type Reduction } from './reduction';

const MSE = vectorKernel('mse_loss', () => import('./shaders.lazy'));

export const mseLossOp: Op<{ reduction: Reduction }> = {
  name: 'mseLoss',
  infer: ([input, target], { reduction }) => {
    if (input.dtype !== 'float32' || target.dtype !== 'float32') {
      throw new TypeError(`mseLoss: expected input and target as float32, got ${input.dtype} and ${target.dtype}`);
    }
    if (!sameShape(input.shape, target.shape)) {
      throw new ShapeError(
        `mseLoss: expected input and target of equal shape, got ${formatShape(input.shape)} and ${formatShape(target.shape)}`,
      );
    }
    return { shape: reducedLossShape(input.shape, reduction), dtype: 'float32' };
  },
  forward: (_, [input, target], { reduction }, out) => {
    reduceLosses('mseLoss', input.shape, reduction, out, (losses) => {
      launchVectors(out.device, 'mseLoss', MSE, input.size, [input, target, losses], { scale: 1 }, { GRAD: 0 });
    });
  },
  saves: { inputs: [0, 1], output: false },
  backward: ({ inputs, grad, attrs: { reduction }, needs, gradOf }) => {
    const [input, target] = inputs;
    return needs.map((need, i) => {
      if (!need) return null;
      const out = gradOf(i);
      const params = { scale: (i === 0 ? 1 : -1) * lossScale(reduction, out.size) };
      const defines =
        reduction === 'none' ? { GRAD: 1, UP: vectorOf(out.size).V, STEP: 1 } : { GRAD: 1, UP: 'f32', STEP: 0 };
      launchVectors(out.device, 'mseLoss', MSE, out.size, [input, target, grad, out], params, defines);
      return out;
    });
  },
};

/**
 * (input - target)² of two float32 tensors of equal shape: the mean, the sum, or (`reduction: 'none'`) each.
 * Throws `ShapeError` when shapes differ, `TypeError` unless both are float32.
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkOptions('mseLoss', options, 'reduction');
  const { reduction = 'mean' } = options;
  return apply(mseLossOp, [input, target], { reduction });
}
