import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { dropout } from '../../../src/ops/dropout/dropout';
import type { Device } from '../../../src/runtime/device';
import { ones, rand, randn } from '../../../src/tensor/create/create';
import type { Tensor } from '../../../src/tensor/tensor';
import { testDevice } from '../../support/device';
import { record } from '../../support/record';
import { seeded as seededOn } from '../../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const seeded = <T>(seed: number, fn: () => T): T => seededOn(device, seed, fn);

const mask = async (made: Tensor): Promise<boolean[]> => Array.from(await made.data(), (v) => v !== 0);

describe('dropout', () => {
  it.each([0.1, 0.5, 0.8])('drops each of a million elements with probability %d', async (p) => {
    const n = 1_000_003;
    const y = seeded(3, () => dropout(ones([n]), p));
    const data = await y.data();
    const kept = data.filter((v) => v !== 0);
    expect(kept.every((v) => Math.abs(v - 1 / (1 - p)) < 1e-6)).toBe(true);
    // Five standard deviations of a binomial.
    expect(Math.abs(kept.length / n - (1 - p))).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
  });
  it('scales what it keeps', async () => {
    const x = randn([37]);
    const [before, after] = await Promise.all([x.data(), dropout(x, 0.75).data()]);
    after.forEach((v, i) => {
      expect([0, before[i] * 4].some((w) => Math.abs(v - w) < 1e-6)).toBe(true);
    });
  });
  it('draws independently at each call', async () => {
    const n = 1_000_000;
    const [a, b] = await seeded(4, () => [dropout(ones([n])), dropout(ones([n]))].map(mask)).reduce(
      async (list, next) => [...(await list), await next],
      Promise.resolve<boolean[][]>([]),
    );
    const equal = a.filter((v, i) => v === b[i]).length;
    expect(Math.abs(equal / n - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / n));
    const shifted = a.filter((v, i) => i > 0 && v === a[i - 1]).length;
    expect(Math.abs(shifted / n - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / n));
  });
  it('gives the same bits for the same seed and others for another', async () => {
    const x = ones([1001]);
    const run = (seed: number) => seeded(seed, () => dropout(x, 0.3).data());
    expect(await run(7)).toEqual(await run(7));
    expect(await run(7)).not.toEqual(await run(2 ** 40 + 7));
  });
  it('uses as many random numbers as it has elements', () => {
    seeded(1, () => {
      dropout(ones([9]));
      expect(device.generator.offset).toBe(3);
    });
  });
  it('is x itself when it drops nothing', () => {
    const x = rand([3]);
    expect(dropout(x, 0.5, false)).toBe(x);
    expect(dropout(x, 0)).toBe(x);
  });
  it('is 0 for p = 1', async () => {
    expect([...(await dropout(rand([5]), 1).data())]).toEqual([0, 0, 0, 0, 0]);
  });
  it.each([-0.1, 1.1, NaN])('refuses p = %d', (p) => {
    expect(() => dropout(rand([3]), p)).toThrow(
      new RangeError(`dropout: expected a probability p in [0, 1], got ${p}`),
    );
  });
});

describe('gradient', () => {
  it('passes the central differences', async () => {
    const x = rand([5, 7]);
    x.requiresGrad = true;
    await gradcheck((a) => seeded(5, () => dropout(a, 0.4)), [x], { name: 'dropout' });
  });
  it('has the mask of its own forward pass, whatever was drawn since', async () => {
    const xs = [ones([203]), ones([203])];
    for (const x of xs) x.requiresGrad = true;
    const ys = xs.map((x) => dropout(x, 0.5).retainGrad());
    dropout(rand([50]));
    for (const y of ys) y.backward({ gradient: ones([203]) });
    for (const [i, x] of xs.entries()) expect(await (x.grad as Tensor).data()).toEqual(await ys[i].data());
  });
  it('has the mask of its own replay when the step is replayed', async () => {
    const x = ones([103]);
    x.requiresGrad = true;
    let y = x;
    const gradient = ones([103]);
    const replay = record(device, () => {
      y = dropout(x, 0.5).retainGrad();
      y.backward({ gradient });
    });
    const first = await y.data();
    replay();
    const second = await y.data();
    expect(second).not.toEqual(first);
    expect(await (x.grad as Tensor).data()).toEqual(second);
  });
});
