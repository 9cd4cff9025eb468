import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../../src/capture/capture';
import { multinomial } from '../../../src/ops';
import type { Device } from '../../../src/runtime/device';
import { full, ones, tensor } from '../../../src/tensor/create/create';
import { testDevice } from '../../support/device';
import { seeded } from '../../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const WEIGHTS = [0.5, 0, 3, 1.5, 0, 5];
const TOTAL = 10;

/** How often each index occurs in `count` numbers, against `share` of each: within five deviations, and never where it is 0. */
function expectShares(found: ArrayLike<number>, share: (index: number) => number, classes: number): void {
  const counts = new Array<number>(classes).fill(0);
  for (const index of Array.from(found)) counts[index]++;
  counts.forEach((count, index) => {
    const p = share(index);
    const deviation = Math.sqrt(found.length * p * (1 - p));
    expect(Math.abs(count - found.length * p), `index ${index}: ${count}`).toBeLessThanOrEqual(5 * deviation);
  });
}

describe('multinomial', () => {
  it('draws with replacement in proportion to the weights of each row', async () => {
    const probs = tensor([WEIGHTS, [...WEIGHTS].reverse()]);
    const out = seeded(device, 5, () => multinomial(probs, 20_000, true));
    expect([out.dtype, out.shape]).toEqual(['int32', [2, 20_000]]);
    const data = await out.data();
    expectShares(data.subarray(0, 20_000), (i) => WEIGHTS[i] / TOTAL, 6);
    expectShares(data.subarray(20_000), (i) => WEIGHTS[5 - i] / TOTAL, 6);
  });

  it('draws one of each of many rows in proportion', async () => {
    const rows = 20_000;
    const probs = tensor(
      Float32Array.from({ length: rows * 6 }, (_, i) => WEIGHTS[i % 6]),
      { shape: [rows, 6] },
    );
    const out = seeded(device, 6, () => multinomial(probs, 1));
    expect(out.shape).toEqual([rows, 1]);
    expectShares(await out.data(), (i) => WEIGHTS[i] / TOTAL, 6);
  });

  it('draws without replacement as one after the other, each index at most once', async () => {
    const rows = 20_000;
    const probs = tensor(
      Float32Array.from({ length: rows * 6 }, (_, i) => WEIGHTS[i % 6]),
      { shape: [rows, 6] },
    );
    const data = await seeded(device, 7, () => multinomial(probs, 2)).data();
    const [first, second] = [0, 1].map((k) => data.filter((_, i) => i % 2 === k));
    expect(first.some((index, row) => index === second[row])).toBe(false);
    expectShares(first, (i) => WEIGHTS[i] / TOTAL, 6);
    // After any first index, in proportion to what is left.
    const left = (i: number): number =>
      WEIGHTS.reduce((sum, w, k) => (k === i ? sum : sum + ((w / TOTAL) * WEIGHTS[i]) / (TOTAL - w)), 0);
    expectShares(second, left, 6);
  });

  it('draws all indices without replacement as a permutation, and from rows of any length', async () => {
    const all = await multinomial(ones([500]), 500).data();
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    // Only index 4999 has a weight.
    const lone = tensor(Float32Array.from({ length: 10_000 }, (_, i) => Number(i === 4999)));
    expect(new Set(await multinomial(lone, 100, true).data())).toEqual(new Set([4999]));
    const wide = await seeded(device, 8, () => multinomial(ones([10_000]), 20_000, true)).data();
    expectShares(
      wide.map((i) => Math.floor(i / 2500)),
      () => 0.25,
      4,
    );
  });

  it('gives the same for the same seed, and draws anew at each replay of a captured step', async () => {
    for (const replacement of [true, false]) {
      const run = (seed: number) => seeded(device, seed, () => multinomial(ones([50]), 20, replacement)).data();
      const first = await run(3);
      expect(await run(3)).toEqual(first);
      expect(await run(4)).not.toEqual(first);
      const step = capture(() => multinomial(ones([50]), 20, replacement));
      const runs = new Set<string>();
      for (let i = 0; i < 4; i++) runs.add(String(await step().data()));
      expect(runs.size).toBe(4);
    }
  });

  const expected =
    'multinomial: expected finite probs >= 0, in each row one above 0 or, without replacement, numSamples, got';
  const found = '(found by the GPU since the last readback)';
  it.each([true, false])('finds what is no weight, replacement %s', async (replacement) => {
    for (const weight of [-1, NaN, Infinity, -Infinity]) {
      const given = multinomial(tensor([1, weight, 1]), 2, replacement).data();
      await expect(given).rejects.toThrow(`${expected} ${weight} ${found}`);
    }
    // -0 and denormal numbers are weights.
    expect(await multinomial(tensor([1, -0, 1e-40, 2]), 2, replacement).data()).toHaveLength(2);
  });
  it('finds rows with too little weight', async () => {
    for (const given of [() => multinomial(full([2, 3], 0), 1), () => multinomial(tensor([1, 0, 2, 0]), 3)])
      await expect(given().data()).rejects.toThrow(`${expected} too few ${found}`);
  });

  it('refuses other arguments', () => {
    const probs = ones([3]);
    expect(() => multinomial(probs, 4)).toThrow(
      'multinomial: expected numSamples >= 1 and, without replacement, <= 3, got 4',
    );
    expect(() => multinomial(probs, 0, true)).toThrow(
      'multinomial: expected numSamples >= 1 and, without replacement, <= 3, got 0',
    );
    expect(() => multinomial(ones([1, 1, 3]), 1)).toThrow(
      'multinomial: expected probs [N] or [rows, N], got [1, 1, 3]',
    );
    expect(() => multinomial(tensor(Int32Array.of(1)) as never, 1)).toThrow(
      'multinomial: expected probs of float32, got int32',
    );
    expect(multinomial(ones([3], { requiresGrad: true }), 1).requiresGrad).toBe(false);
  });
});
