import { beforeAll, describe, expect, it } from 'vitest';
import { arange, matmul, max, mean, mul, neg, rand, softmax, sum, tensor, tidy, type Shape, type Tensor } from 'wgrad';
import type { DType } from '../../src/tensor/dtype';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

beforeAll(testDevice);

/** Workgroups that WebGPU allows in a dimension: beyond, a dispatch is folded into two. */
const MOST = 65_535;

/** Computes, reads and frees. */
async function compute(fn: () => Tensor<DType>): Promise<ArrayLike<number>> {
  const made = tidy(fn);
  const data = await made.data();
  made.dispose();
  return data;
}

/** The first index at which `data` is not `wanted(i)`, or -1. */
function firstWrong(data: ArrayLike<number>, wanted: (i: number) => number): number {
  for (let i = 0; i < data.length; i++) if (data[i] !== wanted(i)) return i;
  return -1;
}

describe('more workgroups than a dimension holds', () => {
  it('element by element', async () => {
    // 64 invocations of up to 8 elements a workgroup: 128 MiB, the least that every adapter binds.
    const n = (MOST + 1) * 512;
    const data = await compute(() => neg(arange(0, n, 1, { dtype: 'int32' })));
    expect(data.length).toBe(n);
    expect(firstWrong(data, (i) => -i)).toBe(-1);
  });
  it('reductions to as many results', async () => {
    // One invocation a result.
    const outputs = (MOST + 1) * 64 + 3;
    const numbered = (shape: Shape) => arange(0, 2 * outputs, 1, { dtype: 'int32' }).alias(shape);
    const inner = await compute(() => sum(numbered([outputs, 2]), 1));
    expect(firstWrong(inner, (i) => 4 * i + 1)).toBe(-1);
    const outer = await compute(() => max(numbered([2, outputs]), 0));
    expect(firstWrong(outer, (i) => i + outputs)).toBe(-1);
  });
  it('rows', async () => {
    const rows = (MOST + 1) * 64 + 3;
    const data = await compute(() => softmax(mul(arange(2 * rows), 0).alias([rows, 2]), 1));
    expect(firstWrong(data, () => 0.5)).toBe(-1);
  });
  it('tiles of a matrix product', async () => {
    const [batch, size] = [MOST + 5, 9];
    const [a, b] = [1, 2].map((seed) => numbers(batch * size, seed).map((x) => Math.round(8 * x)));
    const data = await compute(() =>
      matmul(tensor(a, { shape: [batch, size, 1] }), tensor(b, { shape: [batch, 1, size] })),
    );
    const wanted = (i: number) => a[Math.floor(i / size)] * b[Math.floor(i / (size * size)) * size + (i % size)];
    expect(firstWrong(data, (i) => wanted(i))).toBe(-1);
  });
});

describe('sums of ten million numbers', () => {
  const N = 10_000_000;

  it.each<[string, number[], number]>([
    ['all', [N], 0],
    ['along an inner axis', [4, N / 4], 1],
    ['along an outer axis', [N / 4, 4], 0],
    ['along an axis in the middle', [2, N / 4, 2], 1],
  ])('%s are right to 1e-5', async (_, shape, axis) => {
    const x = rand(shape);
    const data = await x.data();
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const exact = new Float64Array(N / shape[axis]);
    for (let o = 0; o < exact.length; o++) {
      const first = Math.floor(o / inner) * shape[axis] * inner + (o % inner);
      for (let k = 0; k < shape[axis]; k++) exact[o] += data[first + k * inner];
    }
    const [sums, means] = await Promise.all([compute(() => sum(x, axis)), compute(() => mean(x, axis))]);
    x.dispose();
    exact.forEach((total, o) => {
      expect(Math.abs(sums[o] / total - 1)).toBeLessThan(1e-5);
      expect(Math.abs(means[o] / (total / shape[axis]) - 1)).toBeLessThan(1e-5);
    });
  });
});
