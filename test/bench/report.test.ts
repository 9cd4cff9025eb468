import { describe, expect, it } from 'vitest';
import { drawChart } from '../../bench/report/chart';
import { readOptions } from '../../bench/options';
import { adapterSlug, type Results } from '../../bench/report/results';
import { report, short, table } from '../../bench/report/tables';

const timing = (ms: number) => ({ ms, samples: [ms], runsPerSample: 1 });
const start = {
  openMs: 300,
  firstStepMs: 4000,
  memory: { allocated: 1, used: 1, peak: 1, buffers: 1 },
  stateBytes: 2 ** 20,
};
const step = (label: string, ms: number) => ({
  label,
  imagesPerSecond: 64_000 / ms,
  gflops: 7200 / ms,
  losses: [2.3, 2.2],
  dispatches: 61,
  submits: 1,
  ...timing(ms),
});

const RESULTS: Results = {
  date: '2026-01-02T03:04:05.000Z',
  versions: { wgrad: '0.1.0', node: '20.0.0' },
  adapter: {
    vendor: 'acme',
    architecture: 'x',
    device: 'Acme <Fast> 1',
    description: 'Acme & Co: 1.2',
    kind: 'gpu',
    subgroupSize: 32,
  },
  machine: { cpu: 'a processor', threads: 2, platform: 'linux x64' },
  method: ['one sentence'],
  ceiling: {
    gflops: 50,
    gigabytes: 8,
    multiplyAdd: [{ variant: 'fma', samples: [50] }],
    copy: [{ variant: 'f32', samples: [8] }],
  },
  kernels: [
    {
      title: 'matmul [2, 3] x [3, 4]',
      part: 'forward',
      flop: 48,
      missing: ['other'],
      timings: [
        { library: 'wgrad', gflops: 20, difference: 0, ...timing(1) },
        { library: 'peer', gflops: 2.5, difference: 1e-6, ...timing(8) },
      ],
    },
  ],
  steps: [
    {
      batch: 64,
      flop: 7.2e9,
      timings: [step('wgrad, captured', 500), step('peer', 9000)],
      leftOut: [{ label: 'slowest', reason: 'a step would take about 72 s' }],
    },
  ],
  start: { cold: [start], warm: [{ ...start, firstStepMs: 1000 }] },
  host: { batch: 64, dispatches: 61, ms: 0.61, samples: [0.61], afterWaitMs: 1.2, afterWaitSamples: [1.2] },
  memory: [{ batch: 64, captured: true, allocated: 2 ** 27, used: 0, peak: 2 ** 26, buffers: 9, stateBytes: 2 ** 24 }],
};

describe('the report of the benchmark', () => {
  it('puts numbers in columns', () => {
    expect(table(['what', 'n'], [['a', '10']])).toBe(['| what |   n |', '|------|----:|', '| a    |  10 |'].join('\n'));
    expect([1.234, 12.34, 1234.5].map(short)).toEqual(['1.23', '12.3', '1,235']);
  });

  it('gives ratios, the share of the ceiling, and names who was left out', () => {
    const text = report(RESULTS);
    expect(text).toMatch(/\| matmul \[2, 3\] x \[3, 4\], forward +\| +20\.0 \| +40\.0% \| 2\.50 \| +8\.00x \|/);
    expect(text).toMatch(/\| peer +\| 9,000 \| +7\.11 \| 18\.0x \| +0\.80 \| +1\.60% \| +61 \| +1 \|/);
    expect(text).toContain('Left out: slowest: a step would take about 72 s.');
    expect(text).toContain('0.61 ms for 61 dispatches (10.0 µs each)');
    expect(text).toMatch(/4\.00 s with the driver's caches empty, 1\.00 s with them filled/);
    expect(text).toMatch(/\| batch 64, captured \| 64\.0 \| +128\.0 \| +16\.0 \|/);
    expect(text).toContain('- one sentence');
  });

  it('says nothing of what was not measured', () => {
    const nothing = { ceiling: null, kernels: null, steps: null, start: null, host: null, memory: null };
    const text = report({ ...RESULTS, ...nothing });
    expect(text).not.toMatch(/Ceiling|GFLOP|memory|open\(\)/);
  });

  it('names files by date and adapter', () => {
    expect(adapterSlug(RESULTS.adapter)).toBe('acme-fast-1');
    expect(adapterSlug({ ...RESULTS.adapter, device: 'llvmpipe-llvm-15' })).toBe('lavapipe');
  });
});

describe('the chart of the benchmark', () => {
  it('has a bar for each number, and text for who was left out', () => {
    const svg = drawChart(RESULTS);
    expect(svg.match(/<rect /g)).toHaveLength(5);
    expect(svg).toContain('not measured: too slow');
    expect(svg).toContain('Acme &#38; Co');
    expect(svg).toMatch(/the adapter's own limit, 50\.0/);
    expect(svg).not.toMatch(/<style|NaN|undefined/);
  });

  it('draws what there is', () => {
    expect(drawChart({ ...RESULTS, kernels: [] }).match(/<rect /g)).toHaveLength(3);
    expect(drawChart({ ...RESULTS, steps: [], ceiling: null }).match(/<rect /g)).toHaveLength(2);
  });
});

describe('the options of the benchmark', () => {
  it('has defaults, fewer samples with --quick, and sorted batch sizes', () => {
    const options = readOptions([]);
    expect(options).toMatchObject({ peers: true, batch: [64, 512], patience: 30, jsonOnly: false });
    expect(readOptions(['--quick']).effort.rounds).toBeLessThan(options.effort.rounds);
    expect(readOptions(['--batch', '128,16,16', '--no-peers', '--only', 'CONV'])).toMatchObject({
      batch: [16, 128],
      peers: false,
      only: /CONV/i,
    });
    expect(readOptions(['--start', '64,captured']).start).toEqual({ batch: 64, captured: true });
  });
});
