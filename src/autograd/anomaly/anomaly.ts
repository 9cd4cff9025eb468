import type { AnomalyWatcher } from './anomaly-watcher';

export { AnomalyError } from './anomaly-error';

let watcher: AnomalyWatcher | null = null;
let inRule = false;

/** What looks at the results of ops at this moment; those that a gradient rule runs are part of it. */
export const anomalyWatcher = (): AnomalyWatcher | null => (inRule ? null : watcher);

/** Runs a gradient rule. */
export function withinRule<T>(rule: () => T): T {
  const before = inRule;
  inRule = true;
  try {
    return rule();
  } finally {
    inRule = before;
  }
}

/**
 * Runs `fn` (also an async one, such as a whole training loop) and finds the first op that makes a NaN or an infinity, in the
 * forward or the backward pass, as torch.autograd.detect_anomaly does. The GPU looks at every result; the next readback, or at
 * the latest the end of `fn`, throws `AnomalyError` with the op, the ranges of its inputs and the lines that called it. Steps that
 * are captured under it stay watched; those captured before are not. It takes some percent of a step's time: for finding a
 * fault, not for every run. An infinity that is meant, as in a mask, is found too.
 */
export async function detectAnomaly<T>(fn: () => T | Promise<T>): Promise<T> {
  const { watchAnomalies } = await import('./anomaly.lazy');
  const before = watcher;
  const own = watchAnomalies();
  watcher = own;
  try {
    const result = await fn();
    await own.finish();
    return result;
  } finally {
    watcher = before;
  }
}
