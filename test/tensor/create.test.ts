import { beforeAll, describe, expect, it } from 'vitest';
import { arange, eye, full, ones, rand, randn, tensor, zeros } from '../../src/tensor/create/create';
import { ShapeError } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import type { NestedArray } from '../../src/tensor/create/host-data';
import { testDevice } from '../support/device';

beforeAll(testDevice);

describe('tensor', () => {
  it.each<[NestedArray, number[], number[]]>([
    [5, [], [5]],
    [[1, 2, 3], [3], [1, 2, 3]],
    [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
    [[[[7]]], [1, 1, 1], [7]],
  ])('%j has the shape of its nesting', async (data, shape, flat) => {
    const x = tensor(data);
    expect(x.shape).toEqual(shape);
    expect(x.rank).toBe(shape.length);
    expect(x.size).toBe(flat.length);
    expect(x.dtype).toBe('float32');
    expect(await x.data()).toEqual(new Float32Array(flat));
  });
  it('takes a shape for flat numbers', async () => {
    const x = tensor([1, 2, 3, 4], { shape: [2, 1, 2] });
    expect(x.shape).toEqual([2, 1, 2]);
    expect(await x.data()).toEqual(new Float32Array([1, 2, 3, 4]));
  });
  it.each([
    ['float32', new Float32Array([0.5, -1])],
    ['int32', new Int32Array([-7, 2 ** 31 - 1])],
    ['uint32', new Uint32Array([7, 2 ** 32 - 1])],
  ])('takes the type of a typed array: %s', async (dtype, data) => {
    const x = tensor(data);
    expect(x.dtype).toBe(dtype);
    expect(await x.data()).toEqual(data);
  });
  it('makes integers where they are asked for', async () => {
    expect(await tensor([1, -2], { dtype: 'int32' }).data()).toEqual(new Int32Array([1, -2]));
    expect(await tensor([1, 2], { dtype: 'uint32' }).data()).toEqual(new Uint32Array([1, 2]));
  });
  it('takes a part of a larger array', async () => {
    const data = new Float32Array([1, 2, 3, 4, 5]).subarray(1, 4);
    expect(await tensor(data).data()).toEqual(new Float32Array([2, 3, 4]));
  });
  it('does not change with the array that it was made from', async () => {
    const data = new Float32Array([1, 2]);
    const x = tensor(data);
    data[0] = 9;
    expect(await x.data()).toEqual(new Float32Array([1, 2]));
  });
  it.each<[string, () => Tensor, string]>([
    ['rows of different length', () => tensor([[1, 2], [3]]), 'tensor: rows of 2 and of 1 entries in axis 1'],
    ['a number among rows', () => tensor([[1], 2]), 'tensor: rows of different depth'],
    ['a row among numbers', () => tensor([1, [2]]), 'tensor: rows of different depth'],
    ['nothing', () => tensor([]), 'tensor: shape [0] has an axis that is not an integer >= 1'],
    ['empty rows', () => tensor([[], []]), 'tensor: shape [2, 0] has an axis'],
    ['an empty typed array', () => tensor(new Float32Array()), 'tensor: shape [0] has an axis'],
    ['too little data', () => tensor([1, 2, 3], { shape: [2, 2] }), 'tensor: shape [2, 2] holds 4 numbers, got 3'],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(message);
  });
  it('refuses what is no number', () => {
    expect(() => tensor([true] as unknown as NestedArray)).toThrow(
      'tensor: expected numbers in (nested) arrays, a typed array or an ImageData, got true',
    );
  });
});

describe('filled tensors', () => {
  it.each<[string, () => Tensor, number[], number[]]>([
    ['zeros', () => zeros([2, 3]), [2, 3], [0, 0, 0, 0, 0, 0]],
    ['ones', () => ones([2]), [2], [1, 1]],
    ['full', () => full([3], -2.5), [3], [-2.5, -2.5, -2.5]],
    ['a scalar', () => full([], 4), [], [4]],
    ['arange(end)', () => arange(4), [4], [0, 1, 2, 3]],
    ['arange(start, end)', () => arange(2, 5), [3], [2, 3, 4]],
    ['arange with a step', () => arange(0, 1, 0.25), [4], [0, 0.25, 0.5, 0.75]],
    ['arange whose step does not divide', () => arange(0, 5, 2), [3], [0, 2, 4]],
    ['arange downwards', () => arange(3, 0, -1), [3], [3, 2, 1]],
    ['eye', () => eye(3), [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    ['a wide eye', () => eye(2, 3), [2, 3], [1, 0, 0, 0, 1, 0]],
    ['a high eye', () => eye(3, 2), [3, 2], [1, 0, 0, 1, 0, 0]],
  ])('%s', async (_, make, shape, data) => {
    const x = make();
    expect(x.shape).toEqual(shape);
    expect(await x.data()).toEqual(new Float32Array(data));
  });
  it.each(['int32', 'uint32'] as const)('of %s', async (dtype) => {
    const options = { dtype };
    const made = [
      zeros([2], options),
      ones([2], options),
      full([1], 7, options),
      arange(1, 7, 2, options),
      eye(2, 2, options),
    ];
    const data = await Promise.all(made.map((x) => x.data()));
    expect(data.map((x) => [...x])).toEqual([[0, 0], [1, 1], [7], [1, 3, 5], [1, 0, 0, 1]]);
    expect(new Set(made.map((x) => x.dtype))).toEqual(new Set([dtype]));
  });
  it('keeps large integers exactly', async () => {
    expect(await full([1], 2 ** 31 - 1, { dtype: 'int32' }).item()).toBe(2 ** 31 - 1);
    expect(await full([1], -(2 ** 31), { dtype: 'int32' }).item()).toBe(-(2 ** 31));
    expect(await full([1], 2 ** 32 - 1, { dtype: 'uint32' }).item()).toBe(2 ** 32 - 1);
  });
  it.each<[string, () => Tensor]>([
    ['zeros', () => zeros([2, 0])],
    ['ones', () => ones([0])],
    ['full', () => full([0, 3], 1)],
    ['eye', () => eye(0)],
    ['rand', () => rand([3, 0])],
    ['randn', () => randn([0])],
    ['zeros', () => zeros([1.5])],
    ['ones', () => ones([-2])],
  ])('%s refuses an axis that is not an integer >= 1', (op, make) => {
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(new RegExp(`^${op}: shape \\[.*\\] has an axis that is not an integer >= 1$`));
  });
  it('arange refuses an empty range', () => {
    expect(() => arange(3, 3)).toThrow('arange: no number lies between 3 and 3 in steps of 1');
    expect(() => arange(0, 3, -1)).toThrow('arange: no number lies between 0 and 3 in steps of -1');
    expect(() => arange(0, 3, 0)).toThrow('arange: no number lies between 0 and 3 in steps of 0');
    expect(() => arange(0)).toThrow(ShapeError);
  });
});

describe('requiresGrad', () => {
  it('is off unless asked for', () => {
    expect(ones([1]).requiresGrad).toBe(false);
    for (const x of [
      ones([1], { requiresGrad: true }),
      rand([1], { requiresGrad: true }),
      tensor(1, { requiresGrad: true }),
    ]) {
      expect(x.requiresGrad).toBe(true);
    }
  });
  it('is for float32 alone', () => {
    expect(() => ones([1], { dtype: 'int32', requiresGrad: true })).toThrow(
      'requiresGrad: only float32 tensors have gradients, Tensor([1], int32) has none',
    );
  });
});
