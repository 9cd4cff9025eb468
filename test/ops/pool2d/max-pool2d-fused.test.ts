import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { dropout } from '../../../src/ops/dropout/dropout';
import { maxPool2d, type MaxPool2dOptions } from '../../../src/ops/pool2d/max-pool2d';
import type { Pair } from '../../../src/ops/window';
import type { Device } from '../../../src/runtime/device';
import { ones, rand, randn } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { testDevice } from '../../support/device';
import { record } from '../../support/record';
import { expectSameBits } from '../../support/same-bits';
import { seeded } from '../../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const leaf = (made: Tensor): Tensor => Object.assign(made, { requiresGrad: true });

/** The same by one op each. */
const apart = (x: Tensor, kernel: number | Pair, { dropout: p, ...options }: MaxPool2dOptions): Tensor =>
  dropout(maxPool2d(x, kernel, options), p);

function run(pool: typeof apart, shape: Shape, kernel: number | Pair, options: MaxPool2dOptions) {
  return seeded(device, 12, () => {
    const x = leaf(randn(shape));
    const y = pool(x, kernel, options);
    y.backward({ gradient: randn(y.shape) });
    return { y, gradient: x.grad as Tensor, next: rand([5]) };
  });
}

describe('maxPool2d with a dropout behind', () => {
  it.each<[string, Shape, number | Pair, MaxPool2dOptions]>([
    ['windows apart that cover the plane', [3, 2, 6, 10], 2, {}],
    ['windows apart that leave a rest', [2, 3, 7, 5], [2, 1], { stride: [2, 3] }],
    ['windows that overlap', [2, 3, 9, 8], 3, { stride: 2, padding: 1 }],
    ['one output', [1, 1, 3, 3], 3, {}],
  ])('has the bits of the separate ops: %s', async (_, shape, kernel, options) => {
    for (const p of [0.3, 1]) {
      const all = { ...options, dropout: p };
      await expectSameBits(run(maxPool2d, shape, kernel, all), run(apart, shape, kernel, all));
    }
  });
  it('passes the central differences', async () => {
    // Distinct numbers, so that a small step moves no maximum elsewhere.
    const x = leaf(randn([1, 2, 4, 6]));
    const order = [...(await x.data()).entries()].sort(([, a], [, b]) => a - b).map(([i]) => i);
    x.write(Float32Array.from(order, (_, i) => order.indexOf(i) * 0.1));
    await gradcheck((a) => seeded(device, 5, () => maxPool2d(a, 2, { dropout: 0.5 })), [x], { name: 'pool, dropout' });
  });
  it('draws anew at each replay, for its own backward pass', async () => {
    const x = leaf(rand([2, 3, 6, 6]));
    let y = x;
    const replay = record(device, () => {
      y = maxPool2d(x, 2, { dropout: 0.5 }).retainGrad();
      y.backward({ gradient: ones(y.shape) });
    });
    const first = await y.data();
    replay();
    const second = await y.data();
    expect(second.map((v) => (v === 0 ? 0 : 1))).not.toEqual(first.map((v) => (v === 0 ? 0 : 1)));
    const [values, gradient] = await Promise.all([x.data(), (x.grad as Tensor).data()]);
    const kept = [...gradient.entries()].filter(([, g]) => g !== 0).map(([i, g]) => Math.fround(values[i] * g));
    expect(kept.sort()).toEqual([...second].filter((v) => v !== 0).sort());
  });
  it('refuses what is no probability', () => {
    expect(() => maxPool2d(rand([1, 1, 2, 2]), 2, { dropout: -1 })).toThrow(
      new RangeError('dropout: expected a probability p in [0, 1], got -1'),
    );
  });
});
