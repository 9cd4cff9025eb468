import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { linear } from '../../../src/ops/matmul/linear';
import { matmul } from '../../../src/ops/matmul/matmul';
import { MATMUL_VARIANTS } from '../../../src/ops/matmul/table';
import type { MatmulProblem } from '../../../src/ops/matmul/problem';
import { isSupported } from '../../../src/variants/variant';
import type { Device } from '../../../src/runtime/device';
import { ones, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { Tensor } from '../../../src/tensor/tensor';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { matmulReference, transposeReference } from '../../support/reference/matmul';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const TOLERANCE = { atol: 2e-5, rtol: 1e-5 };
const random = (shape: Shape, seed: number, requiresGrad = false) =>
  tensor(numbers(sizeOf(shape), seed), { shape, requiresGrad });

const SIZES: [number, number, number][] = [
  [1, 1, 1],
  [16, 8, 32],
  [17, 5, 33],
  [64, 100, 65],
  [3, 200, 70],
  [33, 700, 20],
  [130, 37, 9],
];

describe.each(MATMUL_VARIANTS.map((variant) => [variant.name, variant] as const))('kernel %s', (_, variant) => {
  it.each(SIZES)(
    '%i x %i x %i, with and without bias and activation, either operand transposed',
    async (rows, depth, columns) => {
      const problemOf = (transposed: boolean): MatmulProblem => ({
        rows,
        columns,
        depth,
        aRow: transposed ? 1 : depth,
        aDepth: transposed ? rows : 1,
        bDepth: transposed ? 1 : columns,
        bColumn: transposed ? depth : 1,
        batchShape: [1],
        aBatch: [0],
        bBatch: [0],
      });
      if (!isSupported(variant, problemOf(false), device.info)) {
        expect(device.info.subgroupSize, 'only adapters without a fixed subgroup size leave a variant out').not.toBe(8);
        return;
      }
      const a = numbers(rows * depth, 1);
      const b = numbers(depth * columns, 2);
      const bias = numbers(columns, 3);
      const expected = matmulReference(a, b, rows, depth, columns);
      for (const [transposed, withBias, activation] of [
        [false, false, 'none'],
        [true, true, 'none'],
        [false, true, 'relu'],
      ] as const) {
        const out = Tensor.empty([1, rows, columns]);
        variant.launch('matmul', problemOf(transposed), {
          a: tensor(transposed ? transposeReference(a, rows, depth) : a),
          b: tensor(transposed ? transposeReference(b, depth, columns) : b),
          bias: withBias ? tensor(bias) : null,
          activation,
          out,
        });
        const sums = expected.map((x, i) => x + (withBias ? bias[i % columns] : 0));
        const data = activation === 'relu' ? sums.map((x) => Math.max(x, 0)) : sums;
        await expectClose(
          `${variant.name} ${rows}x${depth}x${columns}`,
          out,
          { shape: [1, rows, columns], data },
          TOLERANCE,
        );
      }
    },
  );
});

describe('matmul', () => {
  it('broadcasts the batch', async () => {
    const [a, b] = [random([3, 1, 17, 6], 1), random([2, 6, 20], 2)];
    const [dataA, dataB] = [await a.data(), await b.data()];
    const expected = new Float64Array(3 * 2 * 17 * 20);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 2; j++) {
        const part = matmulReference(
          dataA.subarray(i * 102, (i + 1) * 102),
          dataB.subarray(j * 120, (j + 1) * 120),
          17,
          6,
          20,
        );
        expected.set(part, (i * 2 + j) * 340);
      }
    }
    await expectClose('matmul', matmul(a, b), { shape: [3, 2, 17, 20], data: expected }, TOLERANCE);
  });

  it.each([
    [[4, 3], [3, 5], false, false],
    [[3, 4], [3, 5], true, false],
    [[4, 3], [5, 3], false, true],
    [[3, 4], [5, 3], true, true],
    [[2, 1, 4, 3], [3, 3, 2], false, false],
    [[3], [3, 5], false, false],
    [[4, 3], [3], false, false],
  ] as [Shape, Shape, boolean, boolean][])(
    'gradient of %j times %j, transposed %s %s',
    async (shapeA, shapeB, transposeA, transposeB) => {
      const inputs = [random(shapeA, 1, true), random(shapeB, 2, true)];
      await gradcheck((a, b) => matmul(a, b, { transposeA, transposeB }), inputs, { name: 'matmul' });
    },
  );

  it('gives vectors their product', async () => {
    await expectClose('matmul', matmul(tensor([1, 2, 3]), tensor([4, 5, 6])), { shape: [], data: [32] });
  });

  it('names dtypes other than float32', () => {
    const counts = ones([3, 2], { dtype: 'int32' });
    expect(() => matmul(ones([2, 3]), counts as never)).toThrow(
      new TypeError('matmul: expected float32, got float32 and int32'),
    );
    expect(() => linear(ones([2, 2]), counts as never)).toThrow(new TypeError('linear: expected float32, got int32'));
  });

  it('names the sizes of a misfit', () => {
    expect(() => matmul(ones([2, 3]), ones([4, 5]))).toThrow('matmul: a [2, 3] has 3 columns, but b [4, 5] has 4 rows');
  });
});

describe('linear', () => {
  it('is x·Wᵀ + b, over any leading axes', async () => {
    const [x, w, b] = [random([2, 9, 7], 1), random([18, 7], 2), random([18], 3)];
    const expected = matmulReference(await x.data(), transposeReference(await w.data(), 18, 7), 18, 7, 18);
    const bias = await b.data();
    await expectClose(
      'linear',
      linear(x, w, b),
      { shape: [2, 9, 18], data: expected.map((v, i) => v + bias[i % 18]) },
      TOLERANCE,
    );
  });

  it('has the right gradients', async () => {
    await gradcheck(
      (x, w, b) => linear(x, w, b),
      [random([5, 7], 1, true), random([4, 7], 2, true), random([4], 3, true)],
      {
        name: 'linear',
      },
    );
    await gradcheck((x, w) => linear(x, w), [random([2, 3, 7], 1, true), random([4, 7], 2, true)], {
      name: 'linear without bias',
    });
  });

  it.each([
    [37, 45, 29],
    [4100, 9, 10],
    [2, 3, 17],
  ])('sums the gradient of the bias over %i rows of %i features to %i', async (n, from, to) => {
    const x = random([n, from], 1);
    const w = random([to, from], 2, true);
    const b = random([to], 3, true);
    const g = random([n, to], 4);
    linear(x, w, b).backward({ gradient: g });
    if (!w.grad || !b.grad) throw new Error('no gradient');
    const rows = await g.data();
    const sums = Array.from({ length: to }, (_, o) =>
      Array.from({ length: n }, (_row, i) => rows[i * to + o]).reduce((sum, v) => sum + v, 0),
    );
    await expectClose('bias', b.grad, { shape: [to], data: sums }, { atol: 2e-4, rtol: 1e-5 });
    const weight = matmulReference(transposeReference(rows, n, to), await x.data(), to, n, from);
    await expectClose('weight', w.grad, { shape: [to, from], data: weight }, { atol: 2e-4, rtol: 1e-5 });
  });

  it('names what does not fit', () => {
    expect(() => linear(ones([2, 3]), ones([5, 4]))).toThrow(
      'linear: expected input [..., 4] for weight [5, 4], got [2, 3]',
    );
    expect(() => linear(ones([2, 4]), ones([5, 4]), ones([4]))).toThrow(
      'linear: expected bias [5] for weight [5, 4], got [4]',
    );
  });
});
