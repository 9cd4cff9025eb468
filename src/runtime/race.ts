import { GpuError } from '../device/errors';

/** A sample is as many runs as take about this many milliseconds: either clock is precise enough for that. */
const SAMPLE_MS = 8;
const MOST_RUNS = 256;
/** Samples of each contender. */
const ROUNDS = 5;
/** What takes so many times as long as the best in its trial runs is out. */
const HOPELESS = 2;

/** Milliseconds of some GPU work. */
export type Clock = (work: () => void) => Promise<number>;

interface Contender {
  readonly work: () => void;
  readonly runs: number;
  /** Milliseconds a run, of each sample. */
  readonly samples: number[];
}

const repeated = (work: () => void, runs: number) => (): void => {
  for (let i = 0; i < runs; i++) work();
};

/** How often `work` must run to be timed well; the first run does not count. `null` where the GPU refuses it. */
async function tryOut(work: () => void, clock: Clock): Promise<Contender | null> {
  try {
    await clock(work);
    for (let runs = 1; ; runs *= 4) {
      const ms = await clock(repeated(work, runs));
      if (4 * ms < SAMPLE_MS && runs < MOST_RUNS) continue;
      const enough = Math.round((SAMPLE_MS * runs) / ms);
      return { work, runs: Math.max(1, Math.min(MOST_RUNS, enough)), samples: [ms / runs] };
    }
  } catch (error) {
    if (error instanceof GpuError) return null;
    throw error;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Milliseconds a run of each of `jobs` that the GPU takes. Each is tried; those that may win then take turns, so that a GPU that
 * slows down slows down all of them, and the median counts.
 */
export async function race(jobs: ReadonlyMap<string, () => void>, clock: Clock): Promise<Map<string, number>> {
  const contenders = new Map<string, Contender>();
  for (const [name, work] of jobs) {
    const contender = await tryOut(work, clock);
    if (contender) contenders.set(name, contender);
  }
  const all = [...contenders.values()];
  const best = Math.min(...all.map(({ samples: [first] }) => first));
  const hopeful = all.filter(({ samples: [first] }) => first <= HOPELESS * best);
  for (let round = 0; round < ROUNDS && hopeful.length > 1; round++) {
    for (const { work, runs, samples } of hopeful) samples.push((await clock(repeated(work, runs))) / runs);
  }
  return new Map([...contenders].map(([name, { samples }]) => [name, median(samples)]));
}
