import { GpuError } from '../device/errors';

/** A sample repeats the work for about this many milliseconds, which both clocks measure precisely enough. */
const SAMPLE_MS = 8;
const MOST_REPEATS = 256;
/** Work that takes this many milliseconds is timed once to see whether it can win, other work three times. */
const SLOW_MS = 100;
/** Samples of each candidate. */
const ROUNDS = 5;
/** A candidate that takes this many times as long as the best in its first trial is dropped. */
const HOPELESS = 2;

/** Milliseconds of some GPU work. */
export type Clock = (work: () => void) => Promise<number>;

interface Candidate {
  /** The work of one sample, and how often it repeats the variant's. */
  readonly work: () => void;
  readonly repeats: number;
  /** Milliseconds of the variant: in the first trial, and in each sample. */
  readonly trial: number;
  readonly samples: number[];
}

const repeated = (work: () => void, repeats: number) => (): void => {
  for (let i = 0; i < repeats; i++) work();
};

/** About how long `work` takes, and how often it must be repeated to be timed well. */
async function tryOut(work: () => void, clock: Clock): Promise<Candidate> {
  // Some drivers finish compiling when a kernel first runs.
  await clock(work);
  for (let repeats = 1; ; repeats *= 4) {
    const batch = repeated(work, repeats);
    const ms = await clock(batch);
    if (ms >= SLOW_MS) return { work, repeats: 1, trial: ms / repeats, samples: [] };
    if (4 * ms < SAMPLE_MS && repeats < MOST_REPEATS) continue;
    // Other work on the machine makes a trial longer, never shorter.
    const trial = Math.min(ms, await clock(batch), await clock(batch)) / repeats;
    const enough = Math.max(1, Math.min(MOST_REPEATS, Math.round(SAMPLE_MS / trial)));
    return { work: repeated(work, enough), repeats: enough, trial, samples: [] };
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Milliseconds that the GPU takes for each of `jobs`, without those that it refuses. Each is tried; those that can win,
 * and `defaultVariant`, then take turns, so that a GPU that slows down affects all of them, and the median counts.
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
    for (const [, { work, repeats, samples }] of left) samples.push((await clock(work)) / repeats);
  }
  const result = [...candidates].map(([name, { trial, samples }]): [string, number] => [
    name,
    samples.length > 0 ? median(samples) : trial,
  ]);
  return new Map(result);
}
