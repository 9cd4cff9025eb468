import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { gt } from '../../../src/ops/elementwise/binary';
import { where } from '../../../src/ops/elementwise/where';
import { rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { indicesOf, placeOf } from '../../support/reference/indexing';

beforeAll(testDevice);

const SHAPES: [Shape, Shape, Shape, Shape][] = [
  [[5], [5], [5], [5]],
  [[2, 1, 3], [4, 1], [], [2, 4, 3]],
  [[], [2, 3], [3], [2, 3]],
  [
    [3, 67],
    [3, 1],
    [1, 67],
    [3, 67],
  ],
];

describe('where', () => {
  it.each(SHAPES)('chooses by %j between %j and %j', async (cShape, aShape, bShape, outShape) => {
    const c = Float32Array.from({ length: sizeOf(cShape) }, (_, i) => (i % 3) - 1);
    const a = numbers(sizeOf(aShape), 1);
    const b = numbers(sizeOf(bShape), 2);
    const out = where(tensor(c, { shape: cShape }), tensor(a, { shape: aShape }), tensor(b, { shape: bShape }));
    const expected = indicesOf(outShape).map((index) =>
      c[placeOf(index, cShape)] ? a[placeOf(index, aShape)] : b[placeOf(index, bShape)],
    );
    await expectClose('where', out, { shape: outShape, data: expected }, { atol: 0, rtol: 0 });
  });

  it.each(SHAPES)('has the gradients for %j, %j, %j', async (cShape, aShape, bShape) => {
    const c = tensor(
      Int32Array.from({ length: sizeOf(cShape) }, (_, i) => i % 2),
      { shape: cShape },
    );
    const a = rand(aShape, { requiresGrad: true });
    const b = rand(bShape, { requiresGrad: true });
    await gradcheck((x, y) => where(c, x, y), [a, b], { name: 'where' });
  });

  it('takes every type of condition: -0 is zero, NaN and negative integers are not', async () => {
    const floats = where(tensor([0, -0, NaN, 1e-40, Infinity]), 1, 0);
    await expectClose('float32', floats, { shape: [5], data: [0, 0, 1, 1, 1] });
    const ints = where(tensor(new Int32Array([0, -2147483648, 3])), tensor([1, 2, 3]), -1);
    await expectClose('int32', ints, { shape: [3], data: [-1, 2, 3] });
    const uints = where(tensor(new Uint32Array([0, 1])), 7, tensor(new Int32Array([5, 6])));
    expect(uints.dtype).toBe('int32');
    await expectClose('uint32', uints, { shape: [2], data: [5, 7] });
  });

  it('takes numbers beside a tensor that needs a gradient, and gives the condition none', async () => {
    const x = tensor([-1, 2, 3], { requiresGrad: true });
    where(gt(x, 0), x, 0.5).backward({ gradient: tensor([1, 10, 100]) });
    await expectClose('gradient', x.grad ?? x, { shape: [3], data: [0, 10, 100] });
  });

  it('says which shapes and types do not fit', () => {
    expect(() => where(rand([2]), rand([3]), rand([4]))).toThrow('where: shapes [3] and [4] do not broadcast');
    expect(() => where(rand([2]), rand([3]), 1)).toThrow('where: shapes [2] and [3] do not broadcast');
    expect(() => where(rand([2]), rand([2]), tensor(new Int32Array(2)))).toThrow(
      new TypeError('where: expected branches of one dtype, got float32 and int32'),
    );
  });
});
