import { beforeAll, describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops';
import { rand, tensor } from '../../../src/tensor/create/create';
import type { DType, TypedArray } from '../../../src/tensor/dtype';
import { testDevice } from '../../support/device';

beforeAll(testDevice);

const of = async (values: TypedArray, dtype: DType): Promise<number[]> => {
  const out = cast(tensor(values), dtype);
  expect(out.dtype).toBe(dtype);
  return [...(await out.data())];
};

describe('cast', () => {
  const odd = [NaN, Infinity, -Infinity, 1e-40, -1e-40, -0, 3e9, -3e9, 5e9, -1, -0.5, 2.9, 4294967040];
  it('cuts off fractions, takes NaN for 0 and stays in the range', async () => {
    const x = Float32Array.from(odd);
    const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
    expect(await of(x, 'int32')).toEqual([0, high, low, 0, 0, 0, high, low, high, -1, 0, 2, high]);
    expect(await of(x, 'uint32')).toEqual([0, 2 ** 32 - 1, 0, 0, 0, 0, 3e9, 0, 2 ** 32 - 1, 0, 0, 2, 4294967040]);
  });
  it('is right at every power of two', async () => {
    const x = Float32Array.from({ length: 200 }, (_, i) => (i % 2 ? -1 : 1) * 2 ** (i / 2 - 50) * 1.75);
    const clamp = (low: number, high: number) => Array.from(x, (v) => Math.trunc(Math.max(low, Math.min(high, v))) + 0);
    expect(await of(x, 'int32')).toEqual(clamp(-(2 ** 31), 2 ** 31 - 1));
    expect(await of(x, 'uint32')).toEqual(clamp(0, 2 ** 32 - 1));
  });
  it('rounds integers to the nearest float32, half to even', async () => {
    const near = [24, 25, 30, 31].flatMap((k) => [-384, -129, -128, -3, -1, 0, 1, 2, 3, 64, 127, 128, 129, 192].map((d) => 2 ** k + d)); // prettier-ignore
    const unsigned = Uint32Array.from([...near, 0, 1, 2 ** 32 - 1, 2 ** 32 - 128, 2 ** 32 - 129]);
    expect(await of(unsigned, 'float32')).toEqual([...Float32Array.from(unsigned)]);
    const signed = Int32Array.from(unsigned).map((v, i) => (i % 2 ? v : -v));
    expect(await of(signed, 'float32')).toEqual([...Float32Array.from(signed)]);
  });
  it('keeps the bits between int32 and uint32', async () => {
    expect(await of(Int32Array.of(-1, 5, -(2 ** 31)), 'uint32')).toEqual([2 ** 32 - 1, 5, 2 ** 31]);
    expect(await of(Uint32Array.of(2 ** 32 - 1, 5), 'int32')).toEqual([-1, 5]);
  });
  it('of the same dtype is the tensor itself, of another one without a gradient', () => {
    const x = rand([2], { requiresGrad: true });
    expect(cast(x, 'float32')).toBe(x);
    expect(cast(x, 'int32').requiresGrad).toBe(false);
    expect(() => cast(x, 'float64' as DType)).toThrow(
      `cast: expected dtype 'float32', 'int32' or 'uint32', got "float64"`,
    );
  });
});
