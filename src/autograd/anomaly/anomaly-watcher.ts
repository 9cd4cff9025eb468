import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';

/** Looks at what ops make. */
export interface AnomalyWatcher {
  /** An op has made `out`. */
  forward(op: string, inputs: readonly Tensor<DType>[], out: Tensor<DType>): void;
  /** The gradient rule of the op that made `result` has made `grads` from `grad` and what the forward pass saved. */
  backward(
    op: string,
    result: Tensor<DType>,
    grad: Tensor<DType>,
    inputs: readonly Tensor<DType>[],
    grads: readonly (Tensor<DType> | null)[],
  ): void;
  /** Throws what was found. */
  finish(): Promise<void>;
}
