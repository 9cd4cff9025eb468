import { apply } from '../../autograd/apply';
import { gradEnabled } from '../../autograd/mode';
import type { Op } from '../../autograd/op';
import {
  elementKernel,
  launchElements,
  launchVectors,
  vectorKernel,
  vectorOf,
} from '../../runtime/kernels/element-kernel';
import { formatShape, sameShape, ShapeError } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { checkClasses, lossScale, reducedLossShape, reduceLosses, type Reduction } from './reduction';
import { launchRows, rowsOf } from '../softmax/row-kernel';

const CROSS_ENTROPY = elementKernel('cross_entropy', () => import('./shaders.lazy'));
const SCALE = elementKernel('scale_rows', () => import('./shaders.lazy'));
const NLL = elementKernel('nll_loss', () => import('./shaders.lazy'));
const MSE = vectorKernel('mse_loss', () => import('./shaders.lazy'));

export interface LossOptions {
  /** Default: the mean over all losses. */
  reduction?: Reduction;
}

export const crossEntropyOp: Op<{ labelSmoothing: number; reduction: Reduction }> = {
  name: 'crossEntropy',
  infer: ([logits, target], { reduction }) => {
    checkClasses('crossEntropy', 'logits', logits, target);
    return { shape: reducedLossShape(target.shape, reduction), dtype: 'float32' };
  },
  forward: (ctx, [logits, target], { labelSmoothing, reduction }, out) => {
    const rows = rowsOf(logits.shape, 1);
    const slopes =
      gradEnabled() && logits.requiresGrad
        ? [Tensor.empty(logits.shape, 'float32', logits.device, 'crossEntropy')]
        : [];
    reduceLosses('crossEntropy', target.shape, reduction, out, (losses) => {
      const tensors = [logits, target, losses, ...slopes];
      const defines = { GRAD: slopes.length, SMOOTH: labelSmoothing > 0 ? 1 : 0 };
      launchRows('crossEntropy', CROSS_ENTROPY, rows, tensors, { smoothing: labelSmoothing }, defines);
    });
    for (const tensor of slopes) ctx.save(tensor);
  },
  saves: { inputs: [], output: false },
  backward: ({ inputs: [logits], grad, attrs: { reduction }, saved: [slopes], gradOf }) => {
    const out = gradOf(0);
    const { rows, length, inner } = rowsOf(logits.shape, 1);
    const params = { n: out.size, length, inner, scale: lossScale(reduction, rows) };
    const defines = { PER_ROW: reduction === 'none' ? 1 : 0 };
    launchElements(out.device, 'crossEntropy', SCALE, out.size, [slopes, grad, out], params, defines);
    return [out, null];
  },
};

/**
 * -log of the probability that softmax(logits) gives the right class. `logits` [N, C] or [N, C, d1, …], `target` the classes
 * [N] or [N, d1, …] as int32 or uint32. With `labelSmoothing` ε the right class is wanted with probability 1 - ε + ε/C and the
 * others with ε/C, as in PyTorch. The result is the mean or sum over all rows, or (`reduction: 'none'`) has target's shape.
 * A class outside [0, C) makes its row's loss and gradient NaN. There is no class to ignore.
 * Throws `ShapeError` when shapes or types do not fit, `RangeError` unless 0 <= labelSmoothing <= 1.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  { labelSmoothing = 0, reduction = 'mean' }: LossOptions & { labelSmoothing?: number } = {},
): Tensor {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`crossEntropy: labelSmoothing ${labelSmoothing} does not lie in [0, 1]`);
  }
  return apply(crossEntropyOp, [logits, target], { labelSmoothing, reduction });
}

export const nllLossOp: Op<{ reduction: Reduction }> = {
  name: 'nllLoss',
  infer: ([logProbs, target], { reduction }) => {
    checkClasses('nllLoss', 'logProbs', logProbs, target);
    return { shape: reducedLossShape(target.shape, reduction), dtype: 'float32' };
  },
  forward: (_, [logProbs, target], { reduction }, out) => {
    const { rows, length, inner } = rowsOf(logProbs.shape, 1);
    const params = { n: rows, length, inner, scale: 1 };
    reduceLosses('nllLoss', target.shape, reduction, out, (losses) => {
      launchElements(out.device, 'nllLoss', NLL, rows, [target, logProbs, losses], params, { GRAD: 0 });
    });
  },
  saves: { inputs: [1], output: false },
  backward: ({ inputs: [logProbs, target], grad, attrs: { reduction }, gradOf }) => {
    const out = gradOf(0);
    const { rows, length, inner } = rowsOf(logProbs.shape, 1);
    const params = { n: out.size, length, inner, scale: lossScale(reduction, rows) };
    const defines = { GRAD: 1, PER_ROW: reduction === 'none' ? 1 : 0 };
    launchElements(out.device, 'nllLoss', NLL, out.size, [target, grad, out], params, defines);
    return [out, null];
  },
};

/**
 * -logProbs at the right class, for log-probabilities as `logSoftmax(x, 1)` gives them: [N, C] or [N, C, d1, …], `target` the
 * classes [N] or [N, d1, …] as int32 or uint32. A class outside [0, C) makes its row's loss and gradient NaN.
 * Throws `ShapeError` when shapes or types do not fit.
 */
export function nllLoss(logProbs: Tensor, target: Tensor, { reduction = 'mean' }: LossOptions = {}): Tensor {
  return apply(nllLossOp, [logProbs, target], { reduction });
}

export const mseLossOp: Op<{ reduction: Reduction }> = {
  name: 'mseLoss',
  infer: ([input, target], { reduction }) => {
    if (input.dtype !== 'float32' || target.dtype !== 'float32') {
      throw new ShapeError(`mseLoss: input and target are ${input.dtype} and ${target.dtype}, float32 is wanted`);
    }
    if (!sameShape(input.shape, target.shape)) {
      throw new ShapeError(
        `mseLoss: input has shape ${formatShape(input.shape)} but target ${formatShape(target.shape)}, equal shapes are wanted`,
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
 * Throws `ShapeError` when shapes differ or a type is not float32.
 */
export function mseLoss(input: Tensor, target: Tensor, { reduction = 'mean' }: LossOptions = {}): Tensor {
  return apply(mseLossOp, [input, target], { reduction });
}
