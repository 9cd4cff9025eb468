import type { SeenProblem } from '../variants/selection';
import type { Trial } from '../variants/variant';
import type { Device } from '../runtime/device';
import { timeVariants, type Clock } from './time-variants';
import { Stopwatch } from '../profile/stopwatch';

/** What was measured for one problem. */
export interface TunedShape {
  /** Kind of work and shape, as in a variant record. */
  readonly problem: string;
  readonly winner: string;
  /** The variant that the written table picks. */
  readonly defaultVariant: string;
  /** Milliseconds of each variant that could be measured. */
  readonly ms: Readonly<Record<string, number>>;
  /** How many times as fast the winner is as the default variant. */
  readonly speedup: number;
}

/**
 * A variant that is not at least this many times as fast as the default does not replace it: the difference may be
 * chance.
 */
const MARGIN = 1.05;

/** The fastest variant, or the default if that is about as fast; `null` if nothing was measured. */
export function judge(
  { key, defaultVariant }: Pick<SeenProblem, 'key' | 'defaultVariant'>,
  ms: ReadonlyMap<string, number>,
): TunedShape | null {
  if (ms.size === 0) return null;
  const [[name, best]] = [...ms].sort(([, a], [, b]) => a - b);
  const usual = ms.get(defaultVariant) ?? Infinity;
  const [winner, time] = usual <= MARGIN * best ? [defaultVariant, usual] : [name, best];
  return { problem: key, winner, defaultVariant, ms: Object.fromEntries(ms), speedup: usual / time };
}

/** One line: which variant won, and by how much. */
export function formatShape({ problem, winner, defaultVariant, ms, speedup }: TunedShape): string {
  const times = Object.entries(ms)
    .sort(([, a], [, b]) => a - b)
    .map(([name, time]) => `${name} ${time < 1000 ? time.toPrecision(3) : time.toFixed(0)} ms`);
  const verdict =
    winner === defaultVariant
      ? `${winner} stays`
      : `${winner}, ${speedup.toFixed(2)} times as fast as ${defaultVariant}`;
  return `tune: ${problem}: ${verdict} (${times.join(', ')})`;
}

/** Calls `fn` without advancing the device's random numbers. */
function withOwnRandom<T>({ generator }: Device, fn: () => T): T {
  const { seed, offset } = generator;
  Object.assign(generator, { seed: 0, offset: 0 });
  try {
    return fn();
  } finally {
    Object.assign(generator, { seed, offset });
  }
}

/** Compiles all candidates, as many at a time as the GPU's driver can: nothing may be measured while others compile. */
async function compile(device: Device, shapes: readonly SeenProblem[]): Promise<void> {
  for (const { candidates, trial } of shapes) {
    device.rehearse(() => {
      const tried = trial();
      for (const name of candidates) tried.launch(name);
      tried.dispose();
    });
  }
  await device.pipelines.settled();
}

async function measure(device: Device, shape: SeenProblem, clock: Clock): Promise<TunedShape | null> {
  const pool = device.pool.fork();
  const inPool = <T>(fn: () => T): T => device.withPool(pool, fn);
  const tried: Trial<string> = inPool(() => withOwnRandom(device, shape.trial));
  try {
    const jobs = shape.candidates.map((name): [string, () => void] => [
      name,
      () => {
        inPool(() => {
          tried.launch(name);
        });
      },
    ]);
    return judge(shape, await timeVariants(new Map(jobs), shape.defaultVariant, clock));
  } finally {
    tried.dispose();
    device.stream.afterSubmit(() => {
      pool.close();
    });
  }
}

/**
 * Measures the candidates of each of `shapes`, on memory of its own, and logs a line for each. A problem with a single
 * candidate is not measured.
 */
export async function measureVariants(
  device: Device,
  shapes: readonly SeenProblem[],
  log: (line: string) => void,
): Promise<TunedShape[]> {
  const open = shapes.filter(({ candidates }) => candidates.length > 1);
  if (open.length === 0) return [];
  // An error of earlier work must not be blamed on a variant.
  await device.stream.finish();
  await compile(device, open);
  const stopwatch = new Stopwatch(device);
  const tuned: TunedShape[] = [];
  try {
    for (const shape of open) {
      const found = await measure(device, shape, (work) => stopwatch.time(work));
      if (!found) continue;
      log(formatShape(found));
      tuned.push(found);
    }
  } finally {
    stopwatch.dispose();
  }
  return tuned;
}
