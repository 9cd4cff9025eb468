import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../bench/library';
import { measureInTurns } from '../../bench/timing';

let now = 0;

/** A job each run of which takes `ms` of a clock that only jobs move. */
function job(name: string, ms: number, log: string[]): Job {
  return {
    run: () => {
      now += ms;
      log.push(name);
    },
    finish: () => Promise.resolve(),
    dispose: () => undefined,
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

function useClock(): void {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
}

describe('measureInTurns', () => {
  it('takes one sample of each job in turn, after a warm-up and a trial run', async () => {
    useClock();
    const log: string[] = [];
    const timings = await measureInTurns([job('a', 10, log), job('b', 10, log)], { rounds: 2, sampleMs: 10 });
    expect(log.join('')).toBe('aabbabab');
    expect(timings).toEqual([
      { ms: 10, samples: [10, 10], runsPerSample: 1 },
      { ms: 10, samples: [10, 10], runsPerSample: 1 },
    ]);
  });

  it('gives fast jobs more runs a sample, and leaves the warm-up out where they are warm', async () => {
    useClock();
    const log: string[] = [];
    const [timing] = await measureInTurns([job('a', 2, log)], { rounds: 3, sampleMs: 10 }, 'warm');
    expect(timing).toEqual({ ms: 2, samples: [2, 2, 2], runsPerSample: 5 });
    expect(log).toHaveLength(1 + 3 * 5);
  });

  it('makes do with three samples of a slow job and one of a very slow one', async () => {
    useClock();
    const log: string[] = [];
    const jobs = [job('slow', 3000, log), job('slower', 30_000, log), job('fast', 100, log)];
    const timings = await measureInTurns(jobs, { rounds: 7, sampleMs: 100 });
    expect(timings.map(({ samples }) => samples.length)).toEqual([3, 1, 7]);
    expect(log.filter((name) => name === 'slower')).toHaveLength(2);
  });
});
