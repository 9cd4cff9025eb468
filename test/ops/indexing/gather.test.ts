import { beforeAll, describe, expect, it } from 'vitest';
import { gather } from '../../../src/ops/indexing/gather';
import { rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { expectClose, expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { indicesOf, placeOf } from '../../support/reference/indexing';
import { afterReport } from '../../support/reported';

beforeAll(testDevice);

/** The place in `x` of each element of an index along `axis`. */
const placesOf = (x: Shape, axis: number, index: Int32Array, shape: Shape): number[] =>
  indicesOf(shape).map((at, i) => placeOf(at.map((n, k) => (k === axis ? index[i] : n)), x)); // prettier-ignore

describe('gather', () => {
  it.each<[Shape, number, Shape]>([
    [[6], 0, [11]],
    [[5, 7], 1, [5, 1]],
    [[5, 7], 0, [9, 4]],
    [[3, 4, 5], 1, [2, 6, 3]],
    [[2, 1, 3, 4], 3, [2, 1, 2, 9]],
    // Sums of more than one chunk, several passes of the sort.
    [[3, 50], 0, [400, 50]],
    [[1, 2], 1, [1, 5000]],
  ])('of %j along axis %i by %j, and its gradient, the same bits each time', async (shape, axis, wanted) => {
    const data = numbers(sizeOf(shape), 1);
    const index = Int32Array.from(numbers(sizeOf(wanted), 2), (v) => Math.floor(((v + 1) / 2) * shape[axis]));
    const upstream = numbers(index.length, 3);
    const places = placesOf(shape, axis, index, wanted);
    const expected = new Float64Array(data.length);
    places.forEach((at, i) => (expected[at] += upstream[i]));
    const gradients = [];
    for (const along of [axis, axis - shape.length]) {
      const x = tensor(data, { shape, requiresGrad: true });
      const out = gather(x, along, tensor(index, { shape: wanted }));
      await expectClose('out', out, { shape: wanted, data: places.map((at) => data[at]) }, { atol: 0, rtol: 0 });
      out.backward({ gradient: tensor(upstream, { shape: wanted }) });
      gradients.push((await x.grad?.data()) ?? expect.fail('no gradient'));
    }
    expectNumbersClose('gradient', gradients[0], expected, { atol: 1e-4 });
    expect(gradients[1]).toEqual(gradients[0]);
  });

  it('reports an index out of range, makes NaN of it and gives it no gradient', async () => {
    const x = tensor([1, 2, 3, 4], { shape: [2, 2], requiresGrad: true });
    const index = tensor(Int32Array.of(1, -1, 2, 0), { shape: [2, 2] });
    const out = gather(x, 1, index);
    out.backward({ gradient: tensor([1, 10, 100, 1000], { shape: [2, 2] }) });
    expect([...(await afterReport(out, 'gather: expected index in [0, 2), got -1'))]).toEqual([2, NaN, NaN, 3]);
    expect([...((await x.grad?.data()) ?? [])]).toEqual([0, 1, 1000, 0]);
    const ints = gather(tensor(Int32Array.of(7, 8)), 0, tensor(Uint32Array.of(1, 2)));
    expect([...(await afterReport(ints, 'gather: expected index in [0, 2), got 2'))]).toEqual([8, -1]);
  });

  it('says what does not fit', () => {
    const index = tensor(new Int32Array(6), { shape: [2, 3] });
    expect(() => gather(rand([2]), 0, index)).toThrow(
      'gather: expected index no larger than input [2] along all axes but 0, got [2, 3]',
    );
    expect(() => gather(rand([2, 2]), 0, index)).toThrow(
      'gather: expected index no larger than input [2, 2] along all axes but 0, got [2, 3]',
    );
    expect(gather(rand([2, 2]), 1, index).shape).toEqual([2, 3]);
    expect(() => gather(rand([2, 3]), 2, index)).toThrow('gather: axis 2 is out of range for a tensor of 2 axes');
    expect(() => gather(rand([2, 3]), 0, rand([2, 3]))).toThrow(
      new TypeError('gather: expected index as int32 or uint32, got float32'),
    );
  });
});
