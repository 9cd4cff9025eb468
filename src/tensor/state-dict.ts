import type { DType } from './dtype';
import type { Tensor } from './tensor';

/**
 * Tensors by the names that PyTorch's `state_dict` gives them: `0.weight`, `1.running_mean`, …. Typed as float32, as nearly all of
 * them are; what may hold others is a `StateDict<DType>`.
 */
export type StateDict<D extends DType = 'float32'> = Record<string, Tensor<D>>;
