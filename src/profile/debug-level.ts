import { setting } from '../device/setting';

/**
 * What is printed while a program runs; each level adds one thing. 0: nothing. 1: one line for each step. 2: the kernels of
 * each step in a table, which makes steps slower (see `profile()`). 3: the WGSL of each kernel when it is compiled.
 *
 * A step ends with each call of a captured function, with an optimizer's `step()` outside of one, and with a `finish()` of the
 * device that had work to wait for. Times are those since the step before.
 */
export type DebugLevel = 0 | 1 | 2 | 3;

const LEVELS: readonly DebugLevel[] = [0, 1, 2, 3];

/** `option`, or else what `WGRAD_DEBUG` says: on globalThis, or in Node's environment. Throws `RangeError` for no level. */
export function debugLevel(option: unknown): DebugLevel {
  const given = option ?? setting('WGRAD_DEBUG') ?? 0;
  const level = LEVELS.find((each) => each === (typeof given === 'string' ? Number(given) : given));
  if (level === undefined) throw new RangeError(`WGRAD_DEBUG: 0, 1, 2 or 3 is wanted, got ${JSON.stringify(given)}`);
  return level;
}
