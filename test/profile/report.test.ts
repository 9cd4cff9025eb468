import { describe, expect, it } from 'vitest';
import { covered } from '../../src/profile/measurements';
import { formatKernels, formatTotals, type KernelProfile } from '../../src/profile/report';

describe('covered', () => {
  it.each([
    { spans: [], ms: 0 },
    { spans: [[1, 3]], ms: 2 },
    { spans: [[5, 6], [1, 3]], ms: 3 }, // prettier-ignore
    { spans: [[1, 4], [2, 3], [3, 6], [6, 7]], ms: 6 }, // prettier-ignore
  ])('of $spans is $ms', ({ spans, ms }) => {
    expect(covered(spans.map(([begin, end]) => ({ begin, end })))).toBe(ms);
  });
});

describe('the table', () => {
  const row: KernelProfile = {
    kernel: 'matmul',
    variant: 'WG=64 ITEMS=8',
    ops: ['matmul', 'linear'],
    count: 12,
    ms: 1.5,
    share: 0.75,
    flops: 3e6,
    bytes: 6e6,
    gflops: 2,
    gbps: 4,
  };
  it('aligns its columns and leaves unknown figures out', () => {
    const long = { ...row, kernel: 'x'.repeat(80), variant: '', ops: ['add'], share: 0.25, gflops: null };
    expect(formatKernels([row, long]).split('\n')).toEqual([
      `kernel${' '.repeat(54)}  ops             count  GPU ms  share  GFLOP/s  GB/s`,
      `matmul ITEMS=8${' '.repeat(46)}  matmul, linear     12   1.500  75.0%     2.00  4.00`,
      `${'x'.repeat(59)}…  add                12   1.500  25.0%           4.00`,
    ]);
  });
  it('sums up in a line', () => {
    const totals = { gpuMs: 1, wallMs: 2.25, hostMs: 0.5, dispatches: 1, submits: 2, pipelines: 0, compileMs: 0 };
    expect(formatTotals(totals)).toBe('2.3 ms, GPU 1.0 ms, host 0.5 ms; 1 dispatch in 2 submits');
    expect(formatTotals({ ...totals, pipelines: 1, compileMs: 12.4 }, false)).toBe(
      '2.3 ms, host 0.5 ms; 1 dispatch in 2 submits; 1 pipeline compiled in 12 ms',
    );
  });
});
