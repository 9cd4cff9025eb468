import type { Job } from './library';
import { median } from './numbers';

/** How often things are measured. */
export interface Effort {
  /** Samples of each contender. */
  readonly rounds: number;
  /** A sample is as many runs as take about this many milliseconds. */
  readonly sampleMs: number;
}

export const FULL: Effort = { rounds: 7, sampleMs: 200 };
export const QUICK: Effort = { rounds: 3, sampleMs: 50 };

const MOST_RUNS = 200;
/** A run of this many milliseconds is slow: 3 samples suffice, the trial run among them; for ten times as many, one. */
const SLOW_MS = 2000;

/** What was measured of one contender. */
export interface Timing {
  /** Median of the samples, milliseconds a run. */
  readonly ms: number;
  /** Milliseconds a run, a number for each sample. */
  readonly samples: readonly number[];
  readonly runsPerSample: number;
}

async function sample(job: Job, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) job.run();
  await job.finish();
  return (performance.now() - start) / runs;
}

function samplesOf(ms: number, rounds: number): number {
  if (ms > 10 * SLOW_MS) return 1;
  return ms > SLOW_MS ? Math.min(rounds, 3) : rounds;
}

/**
 * Times jobs against each other: each is run to warm up (a run that compiles its pipelines; not if it is `warm`) and once to
 * see how long it takes; then every round takes one sample of each, so that a machine that slows down affects all of them.
 */
export async function measureInTurns(
  jobs: readonly Job[],
  { rounds, sampleMs }: Effort,
  state: 'cold' | 'warm' = 'cold',
): Promise<Timing[]> {
  const entries = [];
  for (const job of jobs) {
    if (state === 'cold') await sample(job, 1);
    const ms = await sample(job, 1);
    const runs = Math.max(1, Math.min(MOST_RUNS, Math.round(sampleMs / ms)));
    const samples = ms > SLOW_MS ? [ms] : [];
    entries.push({ job, runs, left: samplesOf(ms, rounds) - samples.length, samples });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      if (entry.left-- > 0) entry.samples.push(await sample(entry.job, entry.runs));
    }
  }
  return entries.map(({ runs, samples }) => ({ ms: median(samples), samples, runsPerSample: runs }));
}
