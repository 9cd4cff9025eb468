import type { ForwardContext } from '../../autograd/op';
import type { Tensor } from '../../tensor/tensor';
import { reluGradient } from './unary-op';

/** What an op applies to its result before it writes it. */
export type Activation = 'none' | 'relu';

/** The uniform that lib/activation.wgsl reads. */
export const activationParams = (activation: Activation): { relu: 0 | 1 } => ({ relu: activation === 'relu' ? 1 : 0 });

/** Saves the result for `activationGradient`, where there is an activation: its sign tells what passed. */
export function saveResult(ctx: ForwardContext, activation: Activation, out: Tensor): void {
  if (activation !== 'none') ctx.save(out.alias());
}

/** The gradient of the activation's input, from the one of its output and what `saveResult` saved. */
export function activationGradient(op: string, saved: readonly Tensor[], grad: Tensor): Tensor {
  const result = saved.at(0);
  return result ? reluGradient(op, result, grad) : grad;
}
