import { describe, expect, it } from 'vitest';
import type { KernelGroup, Part } from '../../bench/kernels/cases';
import { count, largestDifference, uniform } from '../../bench/numbers';
import { wgradLibrary } from '../../bench/wgrad';
import { testDevice } from '../support/device';

const [ROWS, INNER, COLUMNS] = [3, 5, 4];
const GROUP: KernelGroup = {
  op: 'matmul',
  title: 'matmul',
  a: [ROWS, INNER],
  b: [INNER, COLUMNS],
  out: [ROWS, COLUMNS],
  flop: 2 * ROWS * INNER * COLUMNS,
  parts: ['forward', 'gradientOfA', 'gradientOfB'],
};

/** x · y for x `[rows, inner]` and y `[inner, columns]`, read through functions, so that either can be a transpose. */
function product(
  [rows, inner, columns]: readonly number[],
  x: (r: number, k: number) => number,
  y: (k: number, c: number) => number,
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += x(Math.floor(i / columns), k) * y(k, i % columns);
    return sum;
  });
}

describe('the kernels that the benchmark times', () => {
  const [a, b, gradient] = [GROUP.a, GROUP.b, GROUP.out].map((shape, seed) => uniform(count(shape), -1, 1, seed));
  const atA = (r: number, k: number): number => a[r * INNER + k];
  const atB = (k: number, c: number): number => b[k * COLUMNS + c];
  const atGradient = (r: number, c: number): number => gradient[r * COLUMNS + c];
  const expected: Record<Part, Float32Array> = {
    forward: product([ROWS, INNER, COLUMNS], atA, atB),
    gradientOfA: product([ROWS, COLUMNS, INNER], atGradient, (c, k) => atB(k, c)),
    gradientOfB: product([INNER, ROWS, COLUMNS], (k, r) => atA(r, k), atGradient),
  };

  it.each(GROUP.parts)('%s is what its name says, however often it has run', async (part) => {
    const device = await testDevice();
    const before = device.memory.used;
    const job = wgradLibrary(device).kernel(GROUP, part, { a, b, gradient });
    if (!job) throw new Error('wgrad has every op');
    job.run();
    job.run();
    await job.finish();
    expect(largestDifference(await job.result(), expected[part])).toBeLessThan(1e-6);
    job.dispose();
    expect(device.memory.used).toBe(before);
  });
});
