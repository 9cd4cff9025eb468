import { checkOptions } from '../../device/options';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';

import type { GradcheckOptions } from './gradcheck.lazy';

export { GradcheckError } from './gradcheck-error';
export type { GradcheckOptions };

/**
 * Compares the gradients of `fn` that backward() computes with central differences of its forward pass, through a random
 * projection of the output. `fn` must be deterministic and away from kinks at `inputs`; its inputs are float32 leaves, all
 * that require a gradient are checked and left as they were.
 * Throws `GradcheckError` with input, place, both values and the tolerance.
 */
export async function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor<DType>[],
  options: GradcheckOptions = {},
): Promise<void> {
  checkOptions('gradcheck', options, 'eps atol rtol elements directions seed name');
  const { checkGradients } = await import('./gradcheck.lazy');
  return checkGradients(fn, inputs as readonly Tensor[], options);
}
