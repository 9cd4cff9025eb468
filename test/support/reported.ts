import { expect } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor';
import type { TypedArray, DType } from '../../src/tensor/dtype';

/** Reads `x` twice: the first time the GPU's report of a number out of range comes along. */
export async function afterReport(x: Tensor<DType>, message: string): Promise<TypedArray> {
  const first = x.data();
  await expect(first).rejects.toThrow(RangeError);
  await expect(first).rejects.toThrow(message);
  return x.data();
}
