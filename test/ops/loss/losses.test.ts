import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { noGrad } from '../../../src/autograd/mode';
import { bceWithLogits, crossEntropy, klDiv, l1Loss, mseLoss, nllLoss, smoothL1 } from '../../../src/ops';
import type { Reduction } from '../../../src/ops';
import { logSoftmax } from '../../../src/ops/softmax/softmax';
import { rand, randn, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectClose, expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { crossEntropyReference } from '../../support/reference/losses';
import { afterReport } from '../../support/reported';

beforeAll(testDevice);

const REDUCTIONS = ['mean', 'sum', 'none'] as const;
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

async function gradOf(x: Tensor): Promise<ArrayLike<number>> {
  return x.grad ? x.grad.data() : [];
}

describe.each([
  [[7, 10], 0],
  [[7, 10], 0.1],
  [[1, 1], 0.3],
  [[2, 3, 4, 5], 0],
  [[2, 3, 4, 5], 0.2],
  // Rows that are served by a workgroup each.
  [[2, 4500, 3], 0.1],
] as [Shape, number][])('crossEntropy of %j with smoothing %f', (shape, labelSmoothing) => {
  const targetShape = shape.filter((_, axis) => axis !== 1);
  const rows = sizeOf(targetShape);
  const data = numbers(sizeOf(shape), 1).map((v) => 8 * v);
  const classes = Int32Array.from({ length: rows }, (_, i) => (i * 7) % shape[1]);
  const { losses, slopes } = crossEntropyReference(data, shape, classes, labelSmoothing);

  it.each(REDUCTIONS)('%s and its gradient', async (reduction) => {
    const logits = tensor(data, { shape, requiresGrad: true });
    const loss = crossEntropy(logits, tensor(classes, { shape: targetShape }), { labelSmoothing, reduction });
    const scale = reduction === 'mean' ? 1 / rows : 1;
    if (reduction === 'none') await expectClose('losses', loss, { shape: targetShape, data: losses }, { rtol: 2e-6 });
    else await expectClose('loss', loss, { shape: [], data: [total(losses) * scale] }, { rtol: 2e-6 });
    const upstream = reduction === 'none' ? numbers(rows, 2) : new Float32Array([1.5]);
    loss.backward({ gradient: tensor(upstream, { shape: loss.shape }) });
    const inner = sizeOf(shape.slice(2));
    const rowOf = (i: number) => Math.floor(i / (shape[1] * inner)) * inner + (i % inner);
    const expected = slopes.map((slope, i) => slope * scale * upstream[reduction === 'none' ? rowOf(i) : 0]);
    expectNumbersClose('gradient', await gradOf(logits), expected, { atol: 1e-6 });
  });
});

describe('crossEntropy', () => {
  it('agrees with PyTorch', async () => {
    const data = [1, -2, 0.5, 3, 0, 0.25, -1, 2, -3, 1.5, 1.5, 0.75];
    const logits = tensor(data, { shape: [3, 4], requiresGrad: true });
    const loss = crossEntropy(logits, tensor(new Uint32Array([3, 0, 2])), { labelSmoothing: 0.1 });
    await expectClose('loss', loss, { shape: [], data: [1.25202842681339] }, { atol: 1e-6 });
    loss.backward();
    const gradient = [
      0.028517916787246415, -0.006498617624138776, 0.014018079713537163, -0.03603737887664475, -0.27513597953743707,
      0.03429291270737277, 0.0038792906294716507, 0.23696377620059272, -0.006842278248391814, 0.12588716802415814,
      -0.17411283197584188, 0.0550679422000756,
    ];
    expectNumbersClose('gradient', await gradOf(logits), gradient, { atol: 1e-7 });
  });

  it.each(REDUCTIONS)('%s passes the finite-difference check', async (reduction) => {
    const target = tensor(new Int32Array([2, 0, 3, 3]));
    const logits = randn([4, 5], { requiresGrad: true });
    for (const labelSmoothing of [0, 0.2]) {
      await gradcheck((x) => crossEntropy(x, target, { labelSmoothing, reduction }), [logits]);
    }
  });

  it('is stable at ±1e4', async () => {
    const logits = tensor([1e4, -1e4, 0, -1e4, -1e4, -1e4], { shape: [2, 3] });
    const losses = crossEntropy(logits, tensor(new Int32Array([1, 0])), { reduction: 'none' });
    await expectClose('losses', losses, { shape: [2], data: [2e4, Math.log(3)] });
  });

  it('reports a class out of range, and makes its loss and gradient NaN, and no other row', async () => {
    const logits = rand([4, 3], { requiresGrad: true });
    const target = tensor(new Int32Array([-1, 0, 3, 2]));
    for (const rule of [crossEntropy, nllLoss]) {
      logits.grad = null;
      const losses = rule(logits, target, { reduction: 'none' });
      const report = `${rule.name}: expected target classes in [0, 3), got -1`;
      const values = Array.from(await afterReport(losses, report), Number.isNaN);
      expect(values).toEqual([true, false, true, false]);
      losses.backward({ gradient: tensor([1, 1, 1, 1]) });
      const invalid = Array.from(await gradOf(logits), Number.isNaN);
      expect(invalid).toEqual(Array.from({ length: 12 }, (_, i) => values[Math.floor(i / 3)]));
      expect([...(await afterReport(rule(logits, target), report))]).toEqual([NaN]);
    }
  });

  it('gives the same without a graph, with no more memory than the losses', async () => {
    const logits = randn([5, 4], { requiresGrad: true });
    const target = tensor(new Int32Array([0, 1, 2, 3, 0]));
    const [before, used] = [crossEntropy(logits, target), logits.device.memory.used];
    const after = noGrad(() => crossEntropy(logits, target));
    expect(logits.device.memory.used - used).toBe(256);
    expect(await after.item()).toBe(await before.item());
  });

  it('says what does not fit', () => {
    const target = tensor(new Int32Array(4));
    expect(() => crossEntropy(rand([4, 3]), tensor(new Int32Array(3)))).toThrow(
      'crossEntropy: expected target [4] for logits [4, 3], got [3]',
    );
    expect(() => crossEntropy(rand([4]), target)).toThrow(
      'crossEntropy: expected logits [N, C] or [N, C, ...], got [4]',
    );
    expect(() => crossEntropy(rand([4, 3]), rand([4]))).toThrow(
      new TypeError('crossEntropy: expected target as class numbers in int32 or uint32, got float32'),
    );
    expect(() => nllLoss(tensor(new Int32Array(12), { shape: [4, 3] }) as never, target)).toThrow(
      new TypeError('nllLoss: expected logProbs as float32, got int32'),
    );
    expect(() => crossEntropy(rand([4, 3]), target, { labelSmoothing: 1.5 })).toThrow(
      new RangeError('crossEntropy: expected labelSmoothing in [0, 1], got 1.5'),
    );
  });
});

describe('nllLoss', () => {
  const classes = new Int32Array([2, 0, 1, 1, 2, 0]);

  it.each(REDUCTIONS)('%s equals crossEntropy on log-probabilities, and so do the gradients', async (reduction) => {
    const data = numbers(18, 3);
    const target = tensor(classes, { shape: [2, 3] });
    const [a, b] = [0, 1].map(() => tensor(data, { shape: [2, 3, 3], requiresGrad: true }));
    const one = nllLoss(logSoftmax(a, 1), target, { reduction });
    const other = crossEntropy(b, target, { reduction });
    await expectClose('loss', one, { shape: other.shape, data: await other.data() });
    const gradient = tensor(numbers(one.size, 4), { shape: one.shape });
    one.backward({ gradient });
    other.backward({ gradient });
    expectNumbersClose('gradient', await gradOf(a), await gradOf(b), { atol: 1e-6 });
  });

  it.each(REDUCTIONS)('%s passes the finite-difference check', async (reduction) => {
    const target = tensor(classes);
    await gradcheck((x) => nllLoss(x, target, { reduction }), [rand([6, 3], { requiresGrad: true })]);
  });
});

describe('mseLoss', () => {
  const cases = REDUCTIONS.flatMap((reduction) => [301, 300].map((count) => ({ reduction, count })));
  it.each(cases)('$reduction of $count and its gradients', async ({ reduction, count }) => {
    const [a, b] = [numbers(count, 5), numbers(count, 6)];
    const each = Float64Array.from(a, (v, i) => (v - b[i]) ** 2);
    const loss = mseLoss(tensor(a), tensor(b), { reduction });
    const expected = reduction === 'none' ? each : [total(each) / (reduction === 'mean' ? count : 1)];
    await expectClose('mseLoss', loss, { shape: reduction === 'none' ? [count] : [], data: expected });
    const inputs = [rand([3, count - 297], { requiresGrad: true }), rand([3, count - 297], { requiresGrad: true })];
    await gradcheck((x, y) => mseLoss(x, y, { reduction }), inputs, { name: 'mseLoss' });
  });

  it('says what does not fit', () => {
    expect(() => mseLoss(rand([2, 3]), rand([3]))).toThrow(
      'mseLoss: expected input and target of equal shape, got [2, 3] and [3]',
    );
    expect(() => mseLoss(rand([2]), tensor(new Int32Array(2)) as never)).toThrow(
      new TypeError('mseLoss: expected input and target as float32, got float32 and int32'),
    );
  });
});

describe('losses of an input and a target', () => {
  it.each([l1Loss, smoothL1, bceWithLogits, klDiv])('$name says what does not fit', (loss) => {
    expect(() => loss(rand([2, 3]), rand([3]))).toThrow(
      `${loss.name}: expected input and target of equal shape, got [2, 3] and [3]`,
    );
    expect(() => loss(rand([2]), tensor(new Int32Array(2)) as never)).toThrow(
      new TypeError(`${loss.name}: expected input and target as float32, got float32 and int32`),
    );
  });

  it('smoothL1 refuses a beta that is no bound', () => {
    for (const beta of [-1, NaN, Infinity])
      expect(() => smoothL1(rand([2]), rand([2]), { beta })).toThrow(
        new RangeError(`smoothL1: expected a finite beta >= 0, got ${beta}`),
      );
  });

  it('bceWithLogits keeps the digits of small losses', async () => {
    const losses = bceWithLogits(tensor([12, -9]), tensor([1, 0]), { reduction: 'none' });
    const expected = [Math.log1p(Math.exp(-12)), Math.log1p(Math.exp(-9))];
    await expectClose('losses', losses, { shape: [2], data: expected }, { atol: 0, rtol: 1e-5 });
  });

  it.each<typeof mseLoss>([crossEntropy, nllLoss, mseLoss, l1Loss, smoothL1, bceWithLogits, klDiv])(
    '$name refuses a reduction that does not exist',
    (loss) => {
      const target = ['crossEntropy', 'nllLoss'].includes(loss.name) ? tensor(new Int32Array(2)) : rand([2, 3]);
      expect(() => loss(rand([2, 3]), target as never, { reduction: 'avg' as Reduction })).toThrow(
        new RangeError(`${loss.name}: expected reduction 'mean', 'sum' or 'none', got 'avg'`),
      );
    },
  );
});
