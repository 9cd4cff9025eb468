import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { noGrad } from '../../../src/autograd/mode';
import { batchNorm } from '../../../src/ops/batchnorm/batchnorm';
import { add, mul } from '../../../src/ops/elementwise/binary';
import { full, ones, rand, randn, tensor, zeros } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import { tidy } from '../../../src/tensor/scope';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectClose, expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { record } from '../../support/record';
import { batchNormReference } from '../../support/reference/batchnorm';

beforeAll(testDevice);

const numbers = (n: number, f: (i: number) => number): Tensor =>
  tensor(Float32Array.from({ length: n }, (_, i) => f(i)));

// Rows, short and long planes, one image, many slices for one channel (joined by a workgroup), channels beyond a workgroup.
const SHAPES: Shape[] = [
  [5, 3],
  [300, 70],
  [2, 3, 7],
  [3, 4, 5, 6],
  [1, 2, 9, 1],
  [3, 2, 29, 31],
  [40, 1, 9, 9],
  [2, 1, 301, 300],
];

describe.each(SHAPES)('batchNorm of [%i, %i, …]', (...shape) => {
  it('training: normalises by the batch and moves the running statistics', async () => {
    const [, c] = shape;
    const x = add(mul(randn(shape), 3), 2);
    const weight = rand([c]);
    const bias = rand([c]);
    const runningMean = rand([c]);
    const runningVar = rand([c]);
    const tracked = full([], 41, { dtype: 'int32' });
    const before = await Promise.all([runningMean.data(), runningVar.data()]);
    const options = { weight, bias, runningMean, runningVar, numBatchesTracked: tracked, training: true };
    const y = batchNorm(x, { ...options, momentum: 0.3, eps: 1e-3 });
    const expected = batchNormReference(await x.data(), shape, await weight.data(), await bias.data(), 1e-3);
    await expectClose('y', y, { shape, data: expected.y }, { atol: 2e-5 });
    const mix = (old: ArrayLike<number>, now: number[]) => now.map((v, i) => 0.7 * old[i] + 0.3 * v);
    expectNumbersClose('mean', await runningMean.data(), mix(before[0], expected.mean));
    expectNumbersClose('variance', await runningVar.data(), mix(before[1], expected.variance));
    expect(await tracked.item()).toBe(42);
  });

  it('evaluation: normalises by the running statistics and leaves them', async () => {
    const [, c] = shape;
    const x = randn(shape);
    const [runningMean, runningVar, weight, bias] = [rand([c]), rand([c]), rand([c]), rand([c])];
    const before = await Promise.all([runningMean.data(), runningVar.data()]);
    const y = batchNorm(x, { weight, bias, runningMean, runningVar, training: false });
    const given = { mean: before[0], variance: before[1] };
    const expected = batchNormReference(await x.data(), shape, await weight.data(), await bias.data(), 1e-5, given);
    await expectClose('y', y, { shape, data: expected.y }, { atol: 2e-5 });
    expect(await Promise.all([runningMean.data(), runningVar.data()])).toEqual(before);
  });
});

describe('accuracy', () => {
  it('keeps its digits far from 0', async () => {
    const shape = [16, 2, 40, 40];
    const x = add(randn(shape), 1000);
    const expected = batchNormReference(await x.data(), shape, [1, 1], [0, 0], 1e-5);
    const runningMean = zeros([2]);
    const runningVar = zeros([2]);
    const y = batchNorm(x, { runningMean, runningVar, training: true, momentum: 1 });
    await expectClose('y', y, { shape, data: expected.y }, { atol: 3e-4, rtol: 3e-4 });
    expectNumbersClose('mean', await runningMean.data(), expected.mean, { atol: 0, rtol: 3e-7 });
    expectNumbersClose('variance', await runningVar.data(), expected.variance, { atol: 0, rtol: 1e-5 });
  });
  it('is not led astray by the first elements', async () => {
    const x = numbers(4096, (i) => (i % 2048 < 4 ? 0 : 1000 + (i % 7)));
    const shape = [2, 1, 2048];
    const runningVar = zeros([1]);
    batchNorm(x.alias(shape), { runningMean: zeros([1]), runningVar, training: true, momentum: 1 });
    const expected = batchNormReference(await x.data(), shape, [1], [0], 1e-5);
    expectNumbersClose('variance', await runningVar.data(), expected.variance, { atol: 0, rtol: 1e-5 });
  });
  it('gives the same bits twice', async () => {
    const x = randn([7, 5, 13, 11]);
    const run = () => batchNorm(x, { training: true }).data();
    expect(await run()).toEqual(await run());
  });
});

describe('gradient', () => {
  const leaf = (made: Tensor): Tensor => Object.assign(made, { requiresGrad: true });
  const affine = (c: number) => [leaf(add(rand([c]), 0.5)), leaf(rand([c]))];

  it.each([[[6, 3]], [[3, 2, 5]], [[2, 3, 3, 4]], [[70, 1, 16]]])('training, %j', async (shape) => {
    const [weight, bias] = affine(shape[1]);
    const fn = (x: Tensor, w: Tensor, b: Tensor) => batchNorm(x, { weight: w, bias: b, training: true });
    await gradcheck(fn, [leaf(randn(shape)), weight, bias], { name: 'training', elements: 12 });
  });
  it('training without weight and bias, and with one of them', async () => {
    const x = leaf(randn([4, 2, 3]));
    const [weight, bias] = affine(2);
    await gradcheck((a) => batchNorm(a, { training: true }), [x], { name: 'plain' });
    await gradcheck((a, b) => batchNorm(a, { bias: b, training: true }), [x, bias], { name: 'bias' });
    await gradcheck((a, w) => batchNorm(a, { weight: w, training: true }), [x, weight], { name: 'weight' });
  });
  it('evaluation', async () => {
    const [weight, bias] = affine(3);
    const running = { runningMean: rand([3]), runningVar: rand([3]), training: false };
    const x = leaf(randn([4, 3, 5]));
    await gradcheck((a, w, b) => batchNorm(a, { weight: w, bias: b, ...running }), [x, weight, bias], { name: 'eval' });
    await gradcheck((a) => batchNorm(a, running), [x], { name: 'eval, plain' });
  });
  it('only of what needs one', async () => {
    const x = randn([4, 3]);
    const [weight] = affine(3);
    const bias = ones([3]);
    batchNorm(x, { weight, bias, training: true }).backward({ gradient: ones([4, 3]) });
    expect(x.grad).toBeNull();
    expect(bias.grad).toBeNull();
    expectNumbersClose('weight', await (weight.grad as Tensor).data(), [0, 0, 0]);
  });
  it('is that of the statistics at the time of the forward pass', async () => {
    const x = leaf(randn([4, 2]));
    const [runningMean, runningVar] = [zeros([2]), ones([2])];
    const y = batchNorm(x, { runningMean, runningVar, training: false, eps: 0 });
    runningVar.write(new Float32Array([4, 4]));
    y.backward({ gradient: ones([4, 2]) });
    expectNumbersClose('dx', await (x.grad as Tensor).data(), new Array<number>(8).fill(1));
  });
});

describe('memory and errors', () => {
  it('moves the running statistics at every replay', async () => {
    const x = tensor([[1], [3]]);
    const [runningMean, runningVar, numBatchesTracked] = [zeros([1]), ones([1]), full([], 0, { dtype: 'int32' })];
    const replay = record(x.device, () => {
      batchNorm(x, { runningMean, runningVar, numBatchesTracked, training: true, momentum: 0.5 });
    });
    replay();
    expectNumbersClose('mean', await runningMean.data(), [1.5]);
    expectNumbersClose('variance', await runningVar.data(), [1.75]);
    expect(await numBatchesTracked.item()).toBe(2);
  });

  it('leaves only the output alive without a graph', () => {
    const x = rand([8, 4, 6, 6]);
    const { used } = x.device.memory;
    const y = noGrad(() => tidy(() => batchNorm(x, { training: true })));
    expect(x.device.memory.used - used).toBe(y.storage.buffer.size);
  });
  it.each<[string, Shape, Partial<Parameters<typeof batchNorm>[1]>, string]>([
    ['one value', [1, 3], {}, 'batchNorm: expected more than 1 value per channel when training, got input [1, 3]'],
    ['one axis', [3], {}, 'batchNorm: expected input [N, C], [N, C, L] or [N, C, H, W], got [3]'],
    ['no statistics', [2, 3], { training: false }, 'batchNorm: expected runningMean and runningVar when not training'],
  ])('%s', (_, shape, options, message) => {
    expect(() => batchNorm(rand(shape), { training: true, ...options })).toThrow(message);
  });
  it('names arguments that do not fit', () => {
    const x = rand([2, 3, 4]);
    expect(() => batchNorm(x, { weight: ones([4]), training: true })).toThrow(
      'batchNorm: expected weight [3] for input [2, 3, 4], got [4]',
    );
    expect(() => batchNorm(x, { runningMean: ones([3]), training: true })).toThrow(
      'expected both of runningMean and runningVar, or neither',
    );
    expect(() => batchNorm(x, { runningMean: ones([2]), runningVar: ones([3]), training: true })).toThrow(
      'batchNorm: expected runningMean [3] for input',
    );
  });
});
