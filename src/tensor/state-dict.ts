import type { Tensor } from './tensor';

/** Tensors by the names that PyTorch's `state_dict` gives them: `0.weight`, `1.running_mean`, …. */
export type StateDict = Record<string, Tensor>;
