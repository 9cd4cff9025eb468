import { GpuError } from '../device/errors';

/** A sample is as many runs as take about this many milliseconds: either clock is precise enough for that. */
const SAMPLE_MS = 8;
const MOST_RUNS = 256;
/** What takes so many milliseconds is timed once to see whether it may win, the rest three times. */
const SLOW_MS = 100;
/** Samples of each candidate. */
const ROUNDS = 5;
/** What takes so many times as long as the best to begin with is out. */
const HOPELESS = 2;

/** Milliseconds of some GPU work. */
export type Clock = (work: () => void) => Promise<number>;

interface Candidate {
  /** One sample's work, and the runs in it. */
  readonly work: () => void;
  readonly runs: number;
  /** Milliseconds a run: to begin with, and of each sample. */
  readonly trial: number;
  readonly samples: number[];
}

const repeated = (work: () => void, runs: number) => (): void => {
  for (let i = 0; i < runs; i++) work();
};

/** How long `work` takes, about, and how often it must run to be timed well. */
async function tryOut(work: () => void, clock: Clock): Promise<Candidate> {
  // Some drivers finish compiling when a kernel is first run.
  await clock(work);
  for (let runs = 1; ; runs *= 4) {
    const batch = repeated(work, runs);
    const ms = await clock(batch);
    if (ms >= SLOW_MS) return { work, runs: 1, trial: ms / runs, samples: [] };
    if (4 * ms < SAMPLE_MS && runs < MOST_RUNS) continue;
    // Whatever else the machine does makes a sample longer, never shorter.
    const trial = Math.min(ms, await clock(batch), await clock(batch)) / runs;
    const enough = Math.max(1, Math.min(MOST_RUNS, Math.round(SAMPLE_MS / trial)));
    return { work: repeated(work, enough), runs: enough, trial, samples: [] };
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Milliseconds that the GPU takes for a run of each of `jobs`, less those that it refuses to run. Each is tried; those that may
 * win, and `defaultVariant`, then take turns, so that a GPU that slows down slows down all of them, and the median counts.
 */
export async function timeVariants(
  jobs: ReadonlyMap<string, () => void>,
  defaultVariant: string,
  clock: Clock,
): Promise<Map<string, number>> {
  const candidates = new Map<string, Candidate>();
  for (const [name, work] of jobs) {
    try {
      candidates.set(name, await tryOut(work, clock));
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
    }
  }
  const best = Math.min(...[...candidates.values()].map(({ trial }) => trial));
  const left = [...candidates].filter(([name, { trial }]) => name === defaultVariant || trial <= HOPELESS * best);
  for (let round = 0; round < ROUNDS && left.length > 1; round++) {
    for (const [, { work, runs, samples }] of left) samples.push((await clock(work)) / runs);
  }
  const result = [...candidates].map(([name, { trial, samples }]): [string, number] => [
    name,
    samples.length > 0 ? median(samples) : trial,
  ]);
  return new Map(result);
}
