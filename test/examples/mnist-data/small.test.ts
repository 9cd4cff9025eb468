import { describe, expect, it } from 'vitest';
import { permutation } from '../../../examples/data/permutation';
import type { MnistOptions } from '../../../examples/mnist-data';
import { loadLogged, loading, sha256 } from './loading';

const state = loading();
const load = (options: Partial<MnistOptions>) => loadLogged(state, options);

describe('the small set', () => {
  it('has 8,000 and 2,000 of the first 10,000 training digits, the same for the same seed', async () => {
    const [a, b, c] = [await load({ seed: 3 }), await load({ seed: 3 }), await load({ seed: 4 })];
    expect(a.small).toBe(true);
    expect(a.source).toMatch(/only the first 10,000 training digits of MNIST .* by seed 3 into 8,000 .* and 2,000/);
    expect([a.train.count, a.test.count]).toEqual([8000, 2000]);
    expect([a.train.images.length, a.test.images.length]).toEqual([8000 * 784, 2000 * 784]);
    for (const part of ['train', 'test'] as const) {
      expect(sha256(b[part].images)).toBe(sha256(a[part].images));
      expect(b[part].labels).toEqual(a[part].labels);
      expect(sha256(c[part].images)).not.toBe(sha256(a[part].images));
    }

    const perClass = new Array<number>(10).fill(0);
    for (const label of [...a.train.labels, ...a.test.labels]) perClass[label]++;
    expect(perClass).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    for (let digit = 0; digit < 10; digit++) expect(a.test.labels).toContain(digit);
    expect(Math.max(...a.test.images.subarray(0, 7840))).toBeGreaterThan(250);

    // However it is shuffled, it is the same images with the same labels.
    const content = ({ train, test }: typeof a) =>
      [train, test]
        .flatMap(({ images, labels, count }) =>
          Array.from({ length: count }, (_, i) => `${labels[i]} ${sha256(images.subarray(i * 784, (i + 1) * 784))}`),
        )
        .sort();
    expect(sha256(Buffer.from(content(c).join()))).toBe(sha256(Buffer.from(content(a).join())));
    expect(new Set(content(a)).size).toBe(10_000);
  });
});

describe('permutation', () => {
  it('holds each number once and stays as it is', () => {
    expect([...permutation(10_000, 5)].sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect([...permutation(8, 1)]).toEqual([2, 1, 6, 7, 4, 3, 0, 5]);
    expect([...permutation(0, 1), ...permutation(1, 1)]).toEqual([0]);
  });
});
