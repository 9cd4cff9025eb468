import { beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../src/ops/conv2d/conv2d';
import { linear } from '../../src/ops/matmul/linear';
import { matmul } from '../../src/ops/matmul/matmul';
import { sum } from '../../src/ops/reduce/reduce';
import { profile, type Profile } from '../../src/profile/profile';
import { rand } from '../../src/tensor/create/create';
import { tidy } from '../../src/tensor/scope';
import { testDevice } from '../support/device';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const flopsOf = (profiled: Profile<unknown>) => profiled.kernels.map(({ flops }) => flops).filter((flops) => flops > 0);

beforeAll(() => testDevice());

describe('operations that ops state', () => {
  it('of linear and its gradients', async () => {
    const [x, w] = [rand([6, 10], { requiresGrad: true }), rand([4, 10], { requiresGrad: true })];
    const profiled = await profile(() => {
      sum(linear(x, w)).backward();
    });
    expect(total(flopsOf(profiled))).toBe(3 * 2 * 6 * 10 * 4);
  });
  it.each([
    { name: 'few channels, stride and groups', x: [2, 4, 7, 6], w: [6, 2, 3, 3], stride: 2, groups: 2, out: [3, 2] },
    { name: 'many channels', x: [2, 8, 9, 9], w: [8, 8, 3, 3], stride: 1, groups: 1, out: [7, 7] },
  ])('of a convolution and its gradients: $name', async ({ x, w, stride, groups, out }) => {
    const [input, weight] = [rand(x, { requiresGrad: true }), rand(w, { requiresGrad: true })];
    const profiled = await profile(() => {
      sum(conv2d(input, weight, null, { stride, groups })).backward();
    });
    const each = 2 * x[0] * w[0] * out[0] * out[1] * w[1] * w[2] * w[3];
    expect(total(flopsOf(profiled))).toBe(3 * each);
  });
  it('of a batch of products', async () => {
    const [a, b] = [rand([3, 5, 7]), rand([7, 2])];
    const profiled = await profile(() => tidy(() => matmul(a, b)));
    expect(flopsOf(profiled)).toEqual([2 * 3 * 5 * 7 * 2]);
  });
});
