import { setting } from '../device/setting';

/**
 * What is printed while a program runs; each level adds one thing. 0: nothing. 1: one line for each step. 2: a table of
 * each step's kernels, which makes steps slower (see `profile()`). 3: the WGSL of each kernel when it is compiled.
 *
 * A step ends with each call of a captured function, with an optimizer's `step()` outside of one, and with a
 * `device.finish()` that had work to wait for. Times count from the end of the previous step.
 */
export type DebugLevel = 0 | 1 | 2 | 3;

const LEVELS: readonly DebugLevel[] = [0, 1, 2, 3];

/** `option`, or else the setting `WGRAD_DEBUG`. Throws `RangeError` for any other value. */
export function debugLevel(option: unknown): DebugLevel {
  const given = option ?? setting('WGRAD_DEBUG') ?? 0;
  const level = LEVELS.find((each) => each === (typeof given === 'string' ? Number(given) : given));
  if (level === undefined) throw new RangeError(`WGRAD_DEBUG: expected 0, 1, 2 or 3, got ${JSON.stringify(given)}`);
  return level;
}
