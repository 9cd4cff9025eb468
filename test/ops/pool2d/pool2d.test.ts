import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { avgPool2d, globalAvgPool2d } from '../../../src/ops/pool2d/avg-pool2d';
import { maxPool2d } from '../../../src/ops/pool2d/max-pool2d';
import { full, rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import {
  avgPool2dReference,
  maxPool2dReference,
  type Pool2dProblem,
  type Pooled,
} from '../../support/reference/pool2d';

beforeAll(testDevice);

interface Case extends Pool2dProblem {
  what: string;
}

type Brief = Pick<Case, 'what' | 'input' | 'kernel'> & Partial<Case>;

const inFull = (c: Brief): Case => ({ stride: c.kernel, padding: [0, 0], dilation: [1, 1], ...c });
const spread = ({ stride, padding }: Case) => ({ stride, padding });
const settings = (c: Case) => ({ ...spread(c), dilation: c.dilation });

const BRIEF: Brief[] = [
  { what: '2x2', input: [2, 3, 6, 4], kernel: [2, 2] },
  { what: '2x2 on odd sizes: the last row and column are left out', input: [1, 5, 7, 5], kernel: [2, 2] },
  { what: '3x3', input: [2, 1, 6, 9], kernel: [3, 3] },
  { what: '3x3, stride 2, overlapping', input: [2, 3, 9, 8], kernel: [3, 3], stride: [2, 2] },
  {
    what: '3x3, stride 1, padded',
    input: [1, 7, 5, 6],
    kernel: [3, 3],
    stride: [1, 1],
    padding: [1, 1],
  },
  {
    what: '5x4, stride [1, 3], padding [2, 1]',
    input: [1, 2, 6, 9],
    kernel: [5, 4],
    stride: [1, 3],
    padding: [2, 1],
  },
  { what: 'stride larger than the kernel', input: [3, 1, 8, 9], kernel: [2, 1], stride: [3, 4] },
  { what: '1x1 input', input: [2, 3, 1, 1], kernel: [1, 1] },
  { what: '1x1 input, padded', input: [1, 3, 1, 1], kernel: [2, 3], padding: [1, 1] },
  { what: 'all of a plane', input: [1, 3, 7, 5], kernel: [7, 5] },
];
const CASES = BRIEF.map(inFull);

const DILATED: Case[] = [
  {
    what: 'dilation [2, 1], windows apart',
    input: [2, 1, 11, 7],
    kernel: [2, 2],
    stride: [4, 2],
    padding: [1, 0],
    dilation: [2, 1],
  },
  { what: 'dilation 2', input: [2, 3, 9, 8], kernel: [3, 2], stride: [1, 1], padding: [1, 1], dilation: [2, 2] },
  {
    what: 'dilation [1, 3], stride 2',
    input: [1, 2, 6, 11],
    kernel: [2, 3],
    stride: [2, 2],
    padding: [0, 1],
    dilation: [1, 3],
  },
];

/** Distinct numbers in a random order, so that a small step moves no maximum elsewhere. */
function distinct(count: number): Float32Array {
  const order = [...numbers(count, 5)].map((key, i) => ({ key, i })).sort((a, b) => a.key - b.key);
  const out = new Float32Array(count);
  order.forEach(({ i }, rank) => (out[i] = (rank - count / 2) * 0.0625));
  return out;
}

async function compare(pool: (x: Tensor) => Tensor, { what, input }: Case, x: Float32Array, expected: Pooled) {
  const leaf = tensor(x, { shape: input, requiresGrad: true });
  const out = pool(leaf);
  await expectClose(what, out, expected);
  const dy = numbers(expected.data.length, 6);
  out.backward({ gradient: tensor(dy, { shape: expected.shape }) });
  await expectClose(`gradient of ${what}`, leaf.grad as Tensor, { shape: input, data: expected.gradient(dy) });
  leaf.write(x);
  await gradcheck(pool, [leaf], { name: what, elements: 8 });
}

describe('maxPool2d', () => {
  it.each([...CASES, ...DILATED])('$what', async (c) => {
    const x = distinct(sizeOf(c.input));
    await compare((leaf) => maxPool2d(leaf, c.kernel, settings(c)), c, x, maxPool2dReference(c, x));
  });

  it('gives the gradient to the first of equal elements', async () => {
    const c: Case = { ...CASES[3], what: 'ties' };
    const x = Float32Array.from({ length: sizeOf(c.input) }, (_, i) => (i * 7) % 3);
    const expected = maxPool2dReference(c, x);
    const leaf = tensor(x, { shape: c.input, requiresGrad: true });
    const dy = numbers(expected.data.length, 6);
    maxPool2d(leaf, c.kernel, settings(c)).backward({ gradient: tensor(dy, { shape: expected.shape }) });
    await expectClose('ties', leaf.grad as Tensor, { shape: c.input, data: expected.gradient(dy) });
  });

  it('never lets padding win', async () => {
    const out = maxPool2d(full([1, 1, 3, 3], -5), 3, { stride: 1, padding: 1 });
    await expectClose('negative plane', out, { shape: [1, 1, 3, 3], data: new Array<number>(9).fill(-5) });
  });

  it('lets NaN through, and infinities win or lose', async () => {
    const x = tensor([1, NaN, 3, -Infinity, Infinity, -Infinity, 5, -Infinity], { shape: [1, 1, 1, 8] });
    expect([...(await maxPool2d(x, [1, 2]).data())]).toEqual([NaN, 3, Infinity, 5]);
    expect([...(await maxPool2d(x, [1, 3], { stride: 1 }).data())]).toEqual([
      NaN,
      NaN,
      Infinity,
      Infinity,
      Infinity,
      5,
    ]);
    const square = tensor([1, NaN, -Infinity, -Infinity, NaN, 2, -Infinity, -Infinity], { shape: [1, 1, 2, 4] });
    square.requiresGrad = true;
    const out = maxPool2d(square, 2);
    out.retainGrad().backward({ gradient: full([1, 1, 1, 2], 1) });
    expect([...(await out.data())]).toEqual([NaN, -Infinity]);
    expect([...(await (square.grad as Tensor).data())]).toEqual([0, 0, 1, 0, 1, 0, 0, 0]);
  });

  it('is -Infinity, without a gradient, where all taps of a window miss the plane', async () => {
    const x = tensor([2], { shape: [1, 1, 1, 1], requiresGrad: true });
    const out = maxPool2d(x, 2, { padding: 1, dilation: 2 });
    expect([...(await out.data())]).toEqual([-Infinity]);
    out.backward({ gradient: full([1, 1, 1, 1], 3) });
    await expectClose('gradient', x.grad as Tensor, { shape: [1, 1, 1, 1], data: [0] });
  });
});

describe('avgPool2d', () => {
  it.each(CASES)('$what', async (c) => {
    const x = numbers(sizeOf(c.input), 5);
    await compare((leaf) => avgPool2d(leaf, c.kernel, spread(c)), c, x, avgPool2dReference(c, x, true));
  });
  it.each(CASES.filter(({ padding }) => padding[0] > 0))('$what, of the elements inside', async (c) => {
    const x = numbers(sizeOf(c.input), 5);
    const pool = (leaf: Tensor) => avgPool2d(leaf, c.kernel, { ...spread(c), countIncludePad: false });
    await compare(pool, c, x, avgPool2dReference(c, x, false));
  });
});

describe('globalAvgPool2d', () => {
  it.each<{ input: Pool2dProblem['input'] }>([{ input: [2, 3, 7, 5] }, { input: [1, 5, 1, 1] }])(
    'of $input',
    async ({ input }) => {
      const kernel = [input[2], input[3]] as const;
      const c: Case = { what: 'global', input, kernel, stride: kernel, padding: [0, 0], dilation: [1, 1] };
      const x = numbers(sizeOf(input), 5);
      await compare(globalAvgPool2d, c, x, avgPool2dReference(c, x, true));
    },
  );
});

describe('errors', () => {
  const plane: Shape = [1, 1, 5, 5];
  it.each<[string, () => Tensor]>([
    ['maxPool2d: padding [2, 2] is more than half of kernel [3, 3]', () => maxPool2d(rand(plane), 3, { padding: 2 })],
    [
      'avgPool2d: padding [0, 2] is more than half of kernel [3, 3]',
      () => avgPool2d(rand(plane), 3, { padding: [0, 2] }),
    ],
    [
      'maxPool2d: expected kernel to be an integer >= 1 or a pair [h, w] of them, got 0',
      () => maxPool2d(rand(plane), 0),
    ],
    [
      'avgPool2d: expected kernel to be an integer >= 1 or a pair [h, w] of them, got [2, 1.5]',
      () => avgPool2d(rand(plane), [2, 1.5]),
    ],
    [
      'maxPool2d: expected stride to be an integer >= 1 or a pair [h, w] of them, got 0',
      () => maxPool2d(rand(plane), 2, { stride: 0 }),
    ],
    [
      'maxPool2d: expected padding to be an integer >= 0 or a pair [h, w] of them, got -1',
      () => maxPool2d(rand(plane), 2, { padding: -1 }),
    ],
    [
      'maxPool2d: expected dilation to be an integer >= 1 or a pair [h, w] of them, got 0',
      () => maxPool2d(rand(plane), 2, { dilation: 0 }),
    ],
    [
      'maxPool2d: kernel [3, 3] with dilation [3, 3] covers [7, 7], more than the padded input [5, 5]',
      () => maxPool2d(rand(plane), 3, { dilation: 3 }),
    ],
    [
      'avgPool2d: kernel [6, 6] with dilation [1, 1] covers [6, 6], more than the padded input [5, 5]',
      () => avgPool2d(rand(plane), 6),
    ],
    ['maxPool2d: expected input [N, C, H, W], got [5, 5]', () => maxPool2d(rand([5, 5]), 2)],
    [
      'avgPool2d: expected input of float32, got int32',
      () => avgPool2d(full(plane, 1, { dtype: 'int32' }) as never, 2),
    ],
    ['globalAvgPool2d: expected input [N, C, H, W], got [5, 5]', () => globalAvgPool2d(rand([5, 5]))],
  ])('%s', (message, run) => {
    expect(run).toThrow(message);
  });
});
