import { setting } from '../device/setting';

/**
 * How kernels are chosen where several can compute the same. `cached` (the default): those that `tune()` found fastest on this
 * adapter, now or earlier, else by a written table. `force`: the same, but what was found earlier does not count, and
 * `train.fit` tunes each shape before its first step. `off`: by the table alone; `tune()` does nothing.
 */
export type TuneMode = 'cached' | 'force' | 'off';

const MODES: readonly TuneMode[] = ['cached', 'force', 'off'];

/** `option`, or else what `WGRAD_TUNE` says: on globalThis, or in Node's environment. Throws `RangeError` for anything else. */
export function tuneMode(option: unknown): TuneMode {
  const given = option ?? setting('WGRAD_TUNE') ?? 'cached';
  const mode = MODES.find((each) => each === given);
  if (!mode) throw new RangeError(`WGRAD_TUNE: cached, force or off is wanted, got ${JSON.stringify(given)}`);
  return mode;
}
