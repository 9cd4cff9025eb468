import { beforeAll, describe, expect, it } from 'vitest';
import { dropout, ones, tidy } from 'wgrad';
import type { Device } from '../../src/runtime/device';
import { testDevice } from '../support/device';
import { seeded } from '../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const N = 2 ** 20;

/** Which of `count` elements a dropout keeps, as 1 and 0. */
async function keptOf(p: number, count = N): Promise<Uint8Array> {
  const made = tidy(() => dropout(ones([count]), p));
  const data = await made.data();
  made.dispose();
  const kept = new Uint8Array(count);
  for (let i = 0; i < count; i++) kept[i] = data[i] === 0 ? 0 : 1;
  return kept;
}

/** Pearson's statistic of counts against what is expected of each. */
const chiSquare = (counts: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Array.from(counts).reduce((sum, count, i) => sum + (count - expected[i]) ** 2 / expected[i], 0);

/** A bound that a statistic with so many degrees of freedom stays under but for once in 100,000 times (Wilson and Hilferty). */
const bound = (freedom: number): number =>
  freedom * (1 - 2 / (9 * freedom) + 4.265 * Math.sqrt(2 / (9 * freedom))) ** 3;

/** The patterns of elements that are kept at four places, `stride` apart, against independent draws. */
function expectIndependent(kept: Uint8Array, p: number, stride: number, step: number): void {
  const counts = new Float64Array(16);
  let total = 0;
  for (let i = 0; i + 3 * stride < kept.length; i += step, total++) {
    counts[kept[i] | (kept[i + stride] << 1) | (kept[i + 2 * stride] << 2) | (kept[i + 3 * stride] << 3)]++;
  }
  const expected = counts.map((_, pattern) => {
    const ones = [1, 2, 4, 8].filter((bit) => pattern & bit).length;
    return total * (1 - p) ** ones * p ** (4 - ones);
  });
  expect(chiSquare(counts, expected), `patterns at distance ${stride}`).toBeLessThan(bound(15));
}

/** The correlation of two masks, in standard deviations of that of independent ones. */
function correlation(a: Uint8Array, b: Uint8Array, p: number): number {
  let both = 0;
  for (let i = 0; i < a.length; i++) both += (a[i] - (1 - p)) * (b[i] - (1 - p));
  return both / (p * (1 - p)) / Math.sqrt(a.length);
}

describe.each([0.25, 0.5, 0.9])('dropout of a million elements with p = %d', (p) => {
  it('keeps each independently of the others', async () => {
    const kept = await seeded(device, 17, () => keptOf(p));
    // Four neighbours come from one counter; places a multiple of 4 apart from the same word of others.
    expectIndependent(kept, p, 1, 4);
    for (const stride of [1, 4, 28, 64, 256, 784]) expectIndependent(kept, p, stride, 1 + 3 * stride);
    for (const lag of [1, 2, 3, 4, 5, 8, 28, 64, 512, 784, 4096]) {
      const apart = correlation(kept.subarray(lag), kept.subarray(0, N - lag), p);
      expect(Math.abs(apart), `correlation at distance ${lag}`).toBeLessThan(4.5);
    }
  });

  it('drops evenly over rows and columns', async () => {
    const kept = await seeded(device, 18, () => keptOf(p));
    const [rows, columns] = [new Float64Array(1024), new Float64Array(1024)];
    kept.forEach((one, i) => {
      rows[i >> 10] += one;
      columns[i & 1023] += one;
    });
    for (const counts of [rows, columns]) {
      // Of binomial counts Pearson's statistic is that of kept and dropped.
      const kinds = [...counts, ...counts.map((count) => 1024 - count)];
      const expected = kinds.map((_, i) => 1024 * (i < 1024 ? 1 - p : p));
      expect(chiSquare(kinds, expected)).toBeLessThan(bound(1024));
    }
  });

  it('draws anew at each call and for each seed', async () => {
    const [first, next] = await Promise.all(seeded(device, 19, () => [keptOf(p), keptOf(p)]));
    const others = await Promise.all([20, 2 ** 52 + 19].map((seed) => seeded(device, seed, () => keptOf(p))));
    for (const other of [next, ...others]) expect(Math.abs(correlation(first, other, p))).toBeLessThan(4.5);
  });
});

it('many small dropouts, which share no counter, are independent too', async () => {
  const p = 0.5;
  // Five elements take two counters, of which three words are left over.
  const calls = await Promise.all(seeded(device, 21, () => Array.from({ length: 1500 }, () => keptOf(p, 5))));
  const [now, then] = [calls.slice(1), calls.slice(0, -1)].map((list) =>
    Uint8Array.from(list.flatMap((kept) => [...kept])),
  );
  expect(Math.abs(correlation(now, then, p))).toBeLessThan(4.5);
  const all = Uint8Array.from(calls.flatMap((kept) => [...kept]));
  expectIndependent(all, p, 1, 5);
  const total = all.reduce((sum, one) => sum + one, 0);
  expect(Math.abs(total - all.length / 2)).toBeLessThan(4.5 * Math.sqrt(all.length / 4));
});
