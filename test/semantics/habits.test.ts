import { beforeAll, expect, it } from 'vitest';
import { DisposedError, keep, mul, ones, rand, slice, std, sum, variance, zeros } from 'wgrad';
import { testDevice } from '../support/device';

beforeAll(testDevice);

it('a shape may be given as numbers', () => {
  expect(zeros(2, 3).shape).toEqual([2, 3]);
  expect(ones(4).shape).toEqual([4]);
  const ints = zeros(2, 3, { dtype: 'int32' });
  expect([ints.shape, ints.dtype]).toEqual([[2, 3], 'int32']);
  expect(() => rand(2, -1)).toThrow('rand: shape [2, -1] has an axis that is not an integer >= 1');
});

it('keepdim is the third argument of variance and std, as of sum', () => {
  const x = rand(2, 3);
  for (const reduce of [variance, std, sum]) {
    expect(reduce(x, 1, true).shape).toEqual([2, 1]);
    expect(reduce(x, 1, false).shape).toEqual([2]);
  }
});

it('bounds of slice that are no arrays are an error', () => {
  expect(() => slice(ones(3), 0 as never, 2 as never)).toThrow('slice: expected an array as starts, got 0');
});

it('keep() of a tensor that backward() has freed says when to call it', () => {
  const x = ones([2], { requiresGrad: true });
  const y = mul(x, 2);
  sum(y).backward();
  expect(() => keep(y)).toThrow(DisposedError);
  expect(() => keep(y)).toThrow(
    'keep: Tensor([2], float32) was freed before: call keep() as soon as it is made, before backward() or the end of tidy()',
  );
});
