import { beforeAll, describe, expect, it } from 'vitest';
import { chunk, clone, concat, split, squeeze, tril, triu, unsqueeze } from '../../../src/ops';
import { arange, ones, tensor } from '../../../src/tensor/create/create';
import { testDevice } from '../../support/device';

beforeAll(testDevice);

describe('split and chunk', () => {
  it('cut an axis into pieces that make it up again', async () => {
    const x = tensor(
      Int32Array.from({ length: 42 }, (_, i) => i),
      { shape: [2, 7, 3] },
    );
    for (const [axis, parts] of [
      [1, split(x, 3, 1)],
      [1, split(x, [1, 4, 2], -2)],
      [2, split(x, 1, -1)],
      [0, chunk(x, 5)],
      [1, chunk(x, 4, 1)],
    ] as const) {
      expect(await concat(parts, axis).data()).toEqual(await x.data());
    }
    expect(split(x, 3, 1).map(({ shape }) => shape[1])).toEqual([3, 3, 1]);
    expect(split(x, 100, 1).map(({ shape }) => shape[1])).toEqual([7]);
    expect(chunk(x, 4, 1).map(({ shape }) => shape[1])).toEqual([2, 2, 2, 1]);
    expect(chunk(arange(6), 4).map(({ shape }) => shape[0])).toEqual([2, 2, 2]);
  });
  it('pass the gradient to each place', async () => {
    const x = arange(5, undefined, 1, { requiresGrad: true });
    split(x, [2, 3])[1].backward({ gradient: tensor([1, 2, 3]) });
    expect([...((await x.grad?.data()) ?? [])]).toEqual([0, 0, 1, 2, 3]);
  });
  it('refuse sizes that do not fit', () => {
    const x = ones([2, 6]);
    expect(() => split(x, [2, 3], 1)).toThrow(
      'split: expected integer sizes >= 1 that add up to axis 1 of input [2, 6], got [2, 3]',
    );
    expect(() => split(x, [7, -1], 1)).toThrow(
      'split: expected integer sizes >= 1 that add up to axis 1 of input [2, 6], got [7, -1]',
    );
    for (const size of [0, 1.5, NaN]) expect(() => split(x, size)).toThrow(`of input [2, 6], got [${size}]`);
    expect(() => split(x, 1, 2)).toThrow('split: axis 2 is out of range');
    expect(() => chunk(x, 0)).toThrow('chunk: expected chunks to be an integer >= 1, got 0');
  });
});

describe('squeeze, unsqueeze and clone', () => {
  it('change the shape on the same memory', () => {
    const x = ones([1, 3, 1]);
    expect(squeeze(x).shape).toEqual([3]);
    expect(squeeze(x, [0, 1]).shape).toEqual([3, 1]);
    expect(squeeze(ones([1, 1])).shape).toEqual([]);
    expect(unsqueeze(x, -1).shape).toEqual([1, 3, 1, 1]);
    expect(unsqueeze(ones([]), 0).shape).toEqual([1]);
    expect(() => unsqueeze(x, 4)).toThrow('unsqueeze: axis 4 is out of range');
  });
  it('clone has memory of its own', async () => {
    const x = tensor([1, 2]);
    const copy = clone(x);
    x.write(Float32Array.of(5, 6));
    expect([...(await copy.data())]).toEqual([1, 2]);
  });
});

it('tril and triu cut integers too, and name what they expect', async () => {
  const x = tensor(Int32Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 3] });
  expect([...(await tril(x).data())]).toEqual([1, 0, 0, 4, 5, 0]);
  expect([...(await triu(x, 1).data())]).toEqual([0, 2, 3, 0, 0, 6]);
  expect([...(await tril(x, 1e12).data())]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(() => tril(ones([3]))).toThrow('tril: expected input [..., rows, columns], got [3]');
  expect(() => triu(x, 0.5)).toThrow('triu: expected diagonal to be an integer, got 0.5');
});
