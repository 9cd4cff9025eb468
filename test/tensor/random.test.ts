import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/runtime/device';
import { Generator } from '../../src/runtime/generator';
import { rand, randn, zeros } from '../../src/tensor/create/create';
import { fillRandom } from '../../src/tensor/create/fill';
import { philox4, type Block } from '../../src/tensor/philox';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** Runs `fn` from a place in the stream of random numbers. */
function at<T>(seed: number, offset: number, fn: () => T): T {
  const { generator } = device;
  const before = { seed: generator.seed, offset: generator.offset };
  Object.assign(generator, { seed, offset });
  try {
    return fn();
  } finally {
    Object.assign(generator, before);
  }
}

const floats = async (x: Tensor): Promise<Float32Array> => Float32Array.from(await x.data());

function moments(data: Float32Array, mean = data.reduce((a, b) => a + b, 0) / data.length) {
  const power = (k: number) => data.reduce((a, b) => a + (b - mean) ** k, 0) / data.length;
  return { mean, variance: power(2), third: power(3), fourth: power(4) };
}

describe('philox4', () => {
  // Random123 1.14, tests/kat_vectors, philox4x32-10.
  it.each<[Block, [number, number], Block]>([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('agrees with the published vectors: counter %j', (counter, key, expected) => {
    expect(philox4(counter, key)).toEqual(expected);
  });
});

describe('rand', () => {
  it.each([
    [0, 0],
    [1, 5],
    [2 ** 40 + 123, 2 ** 32 - 2],
    [2 ** 53 - 1, 2 ** 40 + 2 ** 32 - 1],
  ])('gives the numbers of the host for seed %d at offset %d', async (seed, offset) => {
    const data = await at(seed, offset, () => rand([18])).data();
    const expected = Array.from({ length: 5 }, (_, k) => {
      const counter = offset + k;
      const block = philox4(
        [counter >>> 0, Math.floor(counter / 2 ** 32), 0, 0],
        [seed >>> 0, Math.floor(seed / 2 ** 32)],
      );
      return block.map((bits) => (bits >>> 8) / 2 ** 24);
    }).flat();
    expect(data).toEqual(new Float32Array(expected.slice(0, 18)));
  });

  it('is uniform in [0, 1)', async () => {
    const n = 1_000_000;
    const data = await floats(at(11, 0, () => rand([1000, 1000])));
    const counts = new Array<number>(256).fill(0);
    for (const x of data) counts[Math.floor(x * 256)]++;
    expect(counts.length).toBe(256);
    const expected = n / 256;
    const chiSquare = counts.reduce((a, count) => a + (count - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: mean 255, deviation 22.6; five deviations.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(113);
    const { mean, variance } = moments(data);
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    // The variance's own variance is (1/80 - 1/144) / n.
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt((1 / 80 - 1 / 144) / n));
    const pairs = data.reduce((a, x, i) => (i === 0 ? 0 : a + (x - 0.5) * (data[i - 1] - 0.5)), 0) / (n - 1);
    expect(Math.abs(pairs)).toBeLessThan(5 * (1 / 12 / Math.sqrt(n)));
  });

  it('gives the same bits for the same seed, and others for another seed or place', async () => {
    const run = (seed: number, offset: number) => at(seed, offset, () => rand([1001])).data();
    const first = await run(7, 0);
    expect(await run(7, 0)).toEqual(first);
    expect(await run(8, 0)).not.toEqual(first);
    expect(await run(7 + 2 ** 32, 0)).not.toEqual(first);
    // One block on: the same numbers, four places earlier.
    expect((await run(7, 1)).subarray(0, 996)).toEqual(first.subarray(4, 1000));
  });

  it('moves the generator on by the blocks that it took', () => {
    const offsets = at(1, 0, () =>
      [1, 4, 5].map((n) => {
        rand([n]);
        return device.generator.offset;
      }),
    );
    expect(offsets).toEqual([1, 2, 4]);
  });

  it('refuses other types', () => {
    expect(() => rand([2], { dtype: 'int32' } as object)).toThrow('rand: expected dtype \'float32\', got "int32"');
  });
});

describe('randn', () => {
  it('is normal with mean 0 and variance 1', async () => {
    const n = 1_000_000;
    const data = await floats(at(12, 0, () => randn([n])));
    expect(data.every(Number.isFinite)).toBe(true);
    const { mean, variance, third, fourth } = moments(data);
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(third)).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(fourth - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    const beyond2 = data.reduce((a, x) => a + Number(Math.abs(x) > 2), 0) / n;
    // The share outside two deviations, 4.55%.
    expect(Math.abs(beyond2 - 0.0455003)).toBeLessThan(5 * Math.sqrt((0.0455 * 0.9545) / n));
  });
  it('gives the same bits for the same seed', async () => {
    const run = () => at(3, 9, () => randn([1001])).data();
    expect(await run()).toEqual(await run());
  });
});

describe('fillRandom', () => {
  it('stretches to a range, and to a mean and a deviation', async () => {
    const x = zeros([10_000]);
    fillRandom(x, 'uniform', -2, 6);
    const uniform = await floats(x);
    expect(uniform.every((v) => v >= -2 && v <= 6)).toBe(true);
    expect(Math.abs(moments(uniform).mean - 2)).toBeLessThan(0.15);
    fillRandom(x, 'normal', 3, 0.5);
    const { mean, variance } = moments(await floats(x));
    expect(Math.abs(mean - 3)).toBeLessThan(0.03);
    expect(Math.abs(variance - 0.25)).toBeLessThan(0.02);
  });
});

describe('Generator', () => {
  it('hands out places one after the other', () => {
    const generator = new Generator(1);
    expect([generator.take(4), generator.take(1), generator.take(9), generator.take(1)]).toEqual([0, 1, 2, 5]);
  });
  it.each([-1, 1.5, NaN, 2 ** 53])('refuses the seed %d', (seed) => {
    expect(() => new Generator(seed)).toThrow(RangeError);
  });
});
