import { describe, expect, it } from 'vitest';
import { GpuError } from '../../src/device/errors';
import { timeVariants } from '../../src/tune/time-variants';
import { formatShape, judge } from '../../src/tune/tuner';

/** Jobs that take these milliseconds on a clock of their own, and how often each ran. */
function jobs(costs: Record<string, number | Error>) {
  let now = 0;
  const runs: Record<string, number> = {};
  const work = Object.entries(costs).map(([name, cost]): [string, () => void] => [
    name,
    () => {
      if (cost instanceof Error) throw cost;
      now += cost;
      runs[name] = (runs[name] ?? 0) + 1;
    },
  ]);
  const clock = (run: () => void): Promise<number> => {
    const since = now;
    return new Promise((resolve) => {
      run();
      resolve(now - since);
    });
  };
  return { jobs: new Map(work), clock, runs };
}

describe('timeVariants', () => {
  it('measures milliseconds of short jobs and long ones', async () => {
    const { jobs: work, clock } = jobs({ short: 0.01, middling: 3, long: 250 });
    const times = await timeVariants(work, 'long', clock);
    expect([...times.keys()]).toEqual(['short', 'middling', 'long']);
    for (const [name, ms] of [...times]) expect(ms).toBeCloseTo({ short: 0.01, middling: 3, long: 250 }[name] ?? 0, 6);
  });
  it('samples no variant that cannot win, except the default', async () => {
    const { jobs: work, clock, runs } = jobs({ best: 120, slow: 500, usual: 600 });
    await timeVariants(work, 'usual', clock);
    expect(runs).toEqual({ best: 7, slow: 2, usual: 7 });
  });
  it('does not count the first run, in which a driver may still compile', async () => {
    let cold = true;
    const clock = (run: () => void): Promise<number> => {
      run();
      const ms = cold ? 9000 : 4;
      cold = false;
      return Promise.resolve(ms);
    };
    expect(await timeVariants(new Map([['only', () => undefined]]), 'only', clock)).toEqual(new Map([['only', 4]]));
  });
  it('leaves out what the GPU refuses, and passes other errors on', async () => {
    const refused = jobs({ good: 5, bad: new GpuError('no') });
    expect([...(await timeVariants(refused.jobs, 'bad', refused.clock)).keys()]).toEqual(['good']);
    const broken = jobs({ good: 5, bad: new Error('a mistake') });
    await expect(timeVariants(broken.jobs, 'good', broken.clock)).rejects.toThrow('a mistake');
  });
});

describe('judge', () => {
  const shape = { key: 'product 3x4', defaultVariant: 'usual' };
  it('takes the fastest', () => {
    const found = judge(shape, new Map(Object.entries({ usual: 3, other: 1, third: 2 })));
    expect(found).toMatchObject({ winner: 'other', speedup: 3 });
    expect(found && formatShape(found)).toBe(
      'tune: product 3x4: other, 3.00 times as fast as usual (other 1.00 ms, third 2.00 ms, usual 3.00 ms)',
    );
  });
  it("stays with the table's choice where that is about as fast", () => {
    const found = judge(shape, new Map(Object.entries({ other: 1, usual: 1.02 })));
    expect(found).toMatchObject({ winner: 'usual', speedup: 1 });
    expect(found && formatShape(found)).toBe('tune: product 3x4: usual stays (other 1.00 ms, usual 1.02 ms)');
  });
  it('finds none where nothing was measured', () => {
    expect(judge(shape, new Map())).toBeNull();
  });
});
