import type { DType, TypedArray } from '../tensor/dtype';

/** A tensor in the host's memory: `data` is row-major and as long as the product of `shape`, which is `[]` for a scalar. */
export interface HostTensor {
  dtype: DType;
  shape: readonly number[];
  data: TypedArray;
}
