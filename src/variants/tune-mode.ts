import { setting } from '../device/setting';

/**
 * How a kernel is selected where several compute the same result. `cached` (the default): the one that `tune()`
 * measured as the fastest on this adapter, in this run or an earlier one, else the default from the written table.
 * `force`: the same, but earlier measurements are ignored, and `train.fit` tunes each problem before its first step.
 * `off`: always the default; `tune()` does nothing.
 */
export type TuneMode = 'cached' | 'force' | 'off';

const MODES: readonly TuneMode[] = ['cached', 'force', 'off'];

/** `option`, or else the setting `WGRAD_TUNE`. Throws `RangeError` for any other value. */
export function tuneMode(option: unknown): TuneMode {
  const given = option ?? setting('WGRAD_TUNE') ?? 'cached';
  const mode = MODES.find((each) => each === given);
  if (!mode) throw new RangeError(`WGRAD_TUNE: expected cached, force or off, got ${JSON.stringify(given)}`);
  return mode;
}
