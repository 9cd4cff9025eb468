import type { Tensor } from '../tensor/tensor';

/** Looks at what ops make. */
export interface AnomalyWatcher {
  /** An op has made `out`. */
  forward(op: string, inputs: readonly Tensor[], out: Tensor): void;
  /** The gradient rule of the op that made `result` has made `grads` from `grad` and what the forward pass saved. */
  backward(
    op: string,
    result: Tensor,
    grad: Tensor,
    inputs: readonly Tensor[],
    grads: readonly (Tensor | null)[],
  ): void;
  /** Throws what was found. */
  finish(): Promise<void>;
}
