import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { concat, stack } from '../../../src/ops/layout/concat';
import { rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf } from '../../../src/tensor/shape';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { indicesOf, placeOf } from '../../support/reference/indexing';

beforeAll(testDevice);

const EXACT = { atol: 0, rtol: 0 };

describe('concat', () => {
  it.each([0, 1, 2, -1])('along axis %i', async (axis) => {
    const k = axis < 0 ? axis + 3 : axis;
    const shapes = [1, 4, 2].map((n) => [2, 3, 5].map((m, i) => (i === k ? n : m)));
    const parts = shapes.map((shape, i) => numbers(sizeOf(shape), 10 + i));
    const owner = [0, 1, 1, 1, 1, 2, 2];
    const begin = [0, 1, 5];
    const size = [2, 3, 5].map((m, i) => (i === k ? 7 : m));
    const expected = indicesOf(size).map((index) => {
      const part = owner[index[k]];
      const own = index.map((at, i) => (i === k ? at - begin[part] : at));
      return parts[part][placeOf(own, shapes[part])];
    });
    const out = concat(
      parts.map((data, i) => tensor(data, { shape: shapes[i] })),
      axis,
    );
    await expectClose('concat', out, { shape: size, data: expected }, EXACT);
  });

  it('has the gradients, also of a tensor that comes twice and beside one that needs none', async () => {
    const a = rand([2, 3], { requiresGrad: true });
    const b = rand([2, 2], { requiresGrad: true });
    const fixed = rand([2, 1]);
    await gradcheck((x, y) => concat([x, fixed, y, x], 1), [a, b], { name: 'concat' });
  });

  it('says what does not fit', () => {
    expect(() => concat([])).toThrow('concat: expected at least one tensor, got none');
    expect(() => concat([rand([2, 3]), rand([2, 4])])).toThrow(
      'concat: expected shapes that are equal except along the axis, axis 0; tensor 1 is [2, 4], tensor 0 [2, 3]',
    );
    expect(() => concat([rand([2]), tensor(new Int32Array(2))])).toThrow(
      new TypeError('concat: expected tensors of one dtype, tensor 1 is int32, tensor 0 float32'),
    );
    expect(() => concat([rand([2])], 1)).toThrow('concat: axis 1 is out of range for a tensor of 1 axes');
  });
});

describe('stack', () => {
  it.each([0, 1, 2, -1])('along axis %i', async (axis) => {
    const k = axis < 0 ? axis + 3 : axis;
    const parts = [20, 21, 22].map((seed) => numbers(8, seed));
    const size = [2, 4];
    size.splice(k, 0, 3);
    const expected = indicesOf(size).map(
      (index) =>
        parts[index[k]][
          placeOf(
            index.filter((_, i) => i !== k),
            [2, 4],
          )
        ],
    );
    const out = stack(
      parts.map((data) => tensor(data, { shape: [2, 4] })),
      axis,
    );
    await expectClose('stack', out, { shape: size, data: expected }, EXACT);
  });

  it('stacks scalars', async () => {
    await expectClose('stack', stack([tensor(1), tensor(2)]), { shape: [2], data: [1, 2] });
  });

  it('has the gradients', async () => {
    const a = rand([2, 3], { requiresGrad: true });
    const b = rand([2, 3], { requiresGrad: true });
    await gradcheck((x, y) => stack([x, y, x], 1), [a, b], { name: 'stack' });
  });

  it('says what does not fit', () => {
    expect(() => stack([rand([1, 3]), rand([2, 3])])).toThrow(
      'stack: expected equal shapes, axis 0; tensor 1 is [2, 3], tensor 0 [1, 3]',
    );
  });
});
