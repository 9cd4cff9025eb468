import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { embedding } from '../../../src/ops/indexing/embedding';
import { rand, tensor } from '../../../src/tensor/create/create';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { afterReport } from '../../support/reported';

beforeAll(testDevice);

const EXACT = { atol: 0, rtol: 0 };

describe('embedding', () => {
  const table = numbers(5 * 6, 1);
  const row = (r: number): ArrayLike<number> => table.subarray(r * 6, r * 6 + 6);

  it('takes rows by indices of any shape', async () => {
    const x = tensor(table, { shape: [5, 2, 3] });
    const rows = [4, 0, 0, 2];
    const expected = rows.flatMap((r) => Array.from(row(r)));
    const ints = embedding(tensor(new Int32Array(rows), { shape: [2, 2] }), x);
    await expectClose('int32', ints, { shape: [2, 2, 2, 3], data: expected }, EXACT);
    const uints = embedding(tensor(new Uint32Array(rows)), x);
    await expectClose('uint32', uints, { shape: [4, 2, 3], data: expected }, EXACT);
    const one = embedding(tensor(new Int32Array([3]), { shape: [] }), x);
    await expectClose('scalar', one, { shape: [2, 3], data: row(3) }, EXACT);
  });

  it('reports indices out of range and fills their rows with NaN', async () => {
    const x = tensor(table, { shape: [5, 6] });
    const indices = tensor(new Int32Array([-2147483648, 4, 5, 2147483647, -3]));
    const out = await afterReport(embedding(indices, x), 'embedding: expected indices in [0, 5), got -3');
    expect(Array.from(out.subarray(6, 12))).toEqual(Array.from(row(4)));
    for (const [i, value] of out.entries()) expect(Number.isNaN(value)).toBe(i < 6 || i >= 12);
    const last = embedding(tensor(new Uint32Array([4294967295])), x);
    expect(await afterReport(last, 'in [0, 5), got 4294967295')).toEqual(new Float32Array(6).fill(NaN));
  });

  it('takes integers too', async () => {
    const out = embedding(tensor(new Int32Array([1, 3, 2])), tensor(new Int32Array([10, -20, 30])));
    expect(out.dtype).toBe('int32');
    await afterReport(out, 'embedding: expected indices in [0, 3), got 3');
    await expectClose('int32', out, { shape: [3], data: [-20, -1, 30] });
  });

  it('says what does not fit', () => {
    expect(() => embedding(rand([2]), rand([3]))).toThrow(
      new TypeError('embedding: expected indices as int32 or uint32, got float32'),
    );
    expect(() => embedding(tensor(new Int32Array(1)), rand([]))).toThrow(
      'embedding: expected weight with at least one axis, got []',
    );
  });
});

describe('gradient of embedding', () => {
  async function gradientOf(x: Tensor, indices: Int32Array, upstream: Float32Array): Promise<Float32Array> {
    x.grad = null;
    const out = embedding(tensor(indices), x);
    out.backward({ gradient: tensor(upstream, { shape: out.shape }) });
    if (indices.some((index) => index < 0 || index >= x.shape[0]))
      await afterReport(tensor([0]), 'embedding: expected indices');
    return Float32Array.from(await ((x.grad as Tensor | null) ?? x).data());
  }

  it('passes the finite-difference check', async () => {
    const x = rand([4, 3], { requiresGrad: true });
    const indices = tensor(new Int32Array([3, 1, 3, 3, 0]));
    await gradcheck((t) => embedding(indices, t), [x], { name: 'embedding' });
  });

  // Sizes around the runs of the sort (32, 64, …) and the chunks of the sum.
  it.each([
    [1, 3, 2],
    [33, 5, 1],
    [64, 1, 3],
    [1000, 7, 3],
    [4099, 300, 2],
  ])('adds %i places up in %i rows of %i, the same bits each time', async (count, rows, width) => {
    // A third of the places name row 0, some are out of range.
    const indices = Int32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0 : ((i * 7919) % (rows + 4)) - 2));
    const upstream = numbers(count * width, 5);
    const expected = new Float64Array(rows * width);
    indices.forEach((r, i) => {
      if (r < 0 || r >= rows) return;
      for (let k = 0; k < width; k++) expected[r * width + k] += upstream[i * width + k];
    });
    const x = rand([rows, width], { requiresGrad: true });
    const first = await gradientOf(x, indices, upstream);
    await expectClose('gradient', tensor(first, { shape: [rows, width] }), { shape: [rows, width], data: expected });
    expect(await gradientOf(x, indices, upstream)).toEqual(first);
  });
});
