import { checkOptions } from '../../device/options';
import type { Tensor } from '../../tensor/tensor';
import { pairLoss, pairLossOp } from './pair-loss';
import type { LossOptions } from './reduction';

export const bceWithLogitsOp = pairLossOp('bceWithLogits');

/**
 * Binary cross-entropy of sigmoid(logits) and the probabilities `target`: max(x, 0) - x · y + log(1 + exp(-|x|)), which no x
 * overflows, for two float32 tensors of equal shape: the mean, the sum, or (`reduction: 'none'`) each. Throws as `mseLoss` does.
 */
export function bceWithLogits(logits: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkOptions('bceWithLogits', options, 'reduction');
  return pairLoss(bceWithLogitsOp, logits, target, { reduction: options.reduction ?? 'mean' });
}
