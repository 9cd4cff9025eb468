import { checkOptions } from '../../device/options';
import type { Tensor } from '../../tensor/tensor';
import { pairLoss, pairLossOp } from './pair-loss';
import type { LossOptions } from './reduction';

export const l1LossOp = pairLossOp('l1Loss');
export const smoothL1Op = pairLossOp('smoothL1');

/**
 * |input - target| of two float32 tensors of equal shape: the mean, the sum, or (`reduction: 'none'`) each. The gradient is 0
 * where they are equal. Throws as `mseLoss` does.
 */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkOptions('l1Loss', options, 'reduction');
  return pairLoss(l1LossOp, input, target, { loss: 'l1', reduction: options.reduction ?? 'mean' });
}

/** Options of `smoothL1()`. */
export interface SmoothL1Options extends LossOptions {
  /** Where the parabola ends and the line begins; default 1. */
  beta?: number;
}

/**
 * With d = |input - target|: d² / (2 · beta) below `beta`, d - beta / 2 from there on (Girshick 2015); `beta` 0 is `l1Loss`. For
 * two float32 tensors of equal shape, reduced as there. Throws as `mseLoss` does, and `RangeError` unless beta >= 0.
 */
export function smoothL1(input: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  checkOptions('smoothL1', options, 'reduction beta');
  const { beta = 1, reduction = 'mean' } = options;
  if (!(beta >= 0 && beta < Infinity)) throw new RangeError(`smoothL1: expected a finite beta >= 0, got ${beta}`);
  return pairLoss(smoothL1Op, input, target, { loss: beta > 0 ? 'smoothL1' : 'l1', beta, reduction });
}
