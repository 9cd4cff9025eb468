import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import { onesLike, randint, randLike, randnLike, tensor, zerosLike } from '../../src/tensor/create/create';
import { philox4 } from '../../src/tensor/philox';
import { testDevice } from '../support/device';
import { seeded } from '../support/seeded';

beforeAll(testDevice);

describe('randint', () => {
  it.each([
    [0, 10],
    [-5, 6],
    [-(2 ** 31), 2 ** 31],
    [-(2 ** 31), 2 ** 31 - 1],
    [7, 8],
  ])('gives the numbers of the host in [%d, %d)', async (low, high) => {
    const device = await testDevice();
    const x = seeded(device, 2 ** 40 + 3, () => randint(low, high, [7]));
    expect(x.dtype).toBe('int32');
    const expected = Array.from({ length: 4 }, (_, k) => {
      const [a, b, c, d] = philox4([k, 0, 0, 0], [3, 2 ** 8]).map(BigInt);
      return [(a << 32n) | b, (c << 32n) | d].map((r) => low + Number((r * BigInt(high - low)) >> 64n));
    });
    expect([...(await x.data())]).toEqual(expected.flat().slice(0, 7));
  });
  it('is uniform', async () => {
    const n = 60_000;
    const device = await testDevice();
    const counts = new Array<number>(6).fill(0);
    for (const v of await seeded(device, 1, () => randint(1, 7, [n])).data()) counts[v - 1]++;
    const chiSquare = counts.reduce((a, count) => a + (count - n / 6) ** 2 / (n / 6), 0);
    // 5 degrees of freedom: mean 5, deviation 3.2; five deviations.
    expect(chiSquare).toBeLessThan(21);
  });
  it('draws anew at each replay of a captured step', async () => {
    const step = capture(() => randint(0, 2 ** 30, [8]));
    const runs = [];
    for (let i = 0; i < 4; i++) runs.push(String(await step().data()));
    expect(new Set(runs).size).toBe(4);
  });
  it('refuses other ranges and dtypes', () => {
    for (const [low, high] of [
      [3, 3],
      [0.5, 2],
      [0, 2 ** 31 + 1],
      [-(2 ** 31) - 1, 0],
    ])
      expect(() => randint(low, high, [1])).toThrow(
        `randint: expected integers low < high within int32, got ${low} and ${high}`,
      );
    expect(() => randint(0, 2, [1], { dtype: 'float32' as 'int32' })).toThrow(
      'randint: expected dtype \'int32\', got "float32"',
    );
  });
});

it('zerosLike, onesLike, randLike and randnLike take shape, dtype and device', async () => {
  const x = tensor(Int32Array.of(4, 5), { shape: [1, 2] });
  for (const [make, value] of [
    [zerosLike, 0],
    [onesLike, 1],
  ] as const) {
    expect([make(x).dtype, make(x).shape, make(x).device]).toEqual(['int32', [1, 2], x.device]);
    expect([...(await make(x).data())]).toEqual([value, value]);
    expect(make(x, { dtype: 'float32' as 'int32' }).dtype).toBe('float32');
    expect(() => make(3 as never)).toThrow(`${make.name}: expected a tensor as input 0, got 3`);
  }
  for (const make of [randLike, randnLike]) {
    expect(make(tensor([1, 2, 3])).shape).toEqual([3]);
    expect(() => make(x)).toThrow(`${make.name}: expected dtype 'float32', got "int32"`);
  }
});
