import { expect } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor';

type Named = Readonly<Record<string, Tensor>>;

/** The bits of each tensor (all NaNs are one). */
async function bitsOf(tensors: Named): Promise<Record<string, Uint32Array>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => {
    const data = Float32Array.from(await tensor.data(), (v) => (Number.isNaN(v) ? NaN : v));
    return [name, new Uint32Array(data.buffer)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Fails with the name of the first tensor that has another element in `actual` than in `expected`. */
export async function expectSameBits(actual: Named, expected: Named): Promise<void> {
  const [a, e] = await Promise.all([bitsOf(actual), bitsOf(expected)]);
  expect(Object.keys(a)).toEqual(Object.keys(e));
  for (const name in e) {
    expect(actual[name].shape, name).toEqual(expected[name].shape);
    const at = e[name].findIndex((bits, i) => bits !== a[name][i]);
    if (at >= 0) {
      const [got, expectedValue] = [a, e].map((side) => new Float32Array(side[name].buffer)[at]);
      expect.fail(`${name}: index ${at} of ${e[name].length}: got ${got}, expected ${expectedValue}`);
    }
  }
}
