import { checkOptions } from '../../device/options';
import type { Tensor } from '../../tensor/tensor';
import { pairLoss, pairLossOp } from './pair-loss';
import type { LossOptions } from './reduction';

export const mseLossOp = pairLossOp('mseLoss');

/**
 * (input - target)² of two float32 tensors of equal shape: the mean, the sum, or (`reduction: 'none'`) each.
 * Throws `ShapeError` when shapes differ, `TypeError` unless both are float32.
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkOptions('mseLoss', options, 'reduction');
  return pairLoss(mseLossOp, input, target, { loss: 'mse', reduction: options.reduction ?? 'mean' });
}
