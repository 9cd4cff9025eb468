import { checkOptions } from '../../device/options';
import type { Tensor } from '../../tensor/tensor';
import { mul } from '../elementwise/binary';
import { pairLoss, pairLossOp } from './pair-loss';
import type { Reduction } from './reduction';

export const klDivOp = pairLossOp('klDiv');

/** Options of `klDiv()`. */
export interface KlDivOptions {
  /** Default 'mean', over all elements; 'batchmean', the divergence of distributions, is the sum divided by the first axis. */
  reduction?: Reduction | 'batchmean';
  /** Whether `target` holds log-probabilities; default false. */
  logTarget?: boolean;
}

/**
 * The Kullback-Leibler divergence of the distributions `target` from those whose log-probabilities are `input`:
 * target · (log(target) - input) of each element, 0 for a target of 0 and a finite input. For two float32 tensors of equal shape;
 * throws as `mseLoss` does.
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  checkOptions('klDiv', options, 'reduction logTarget');
  const { reduction = 'mean', logTarget = false } = options;
  const loss = logTarget ? 'klDivLog' : 'klDiv';
  if (reduction !== 'batchmean') return pairLoss(klDivOp, input, target, { loss, reduction });
  return mul(pairLoss(klDivOp, input, target, { loss, reduction: 'sum' }), 1 / (input.shape.at(0) ?? 1));
}
