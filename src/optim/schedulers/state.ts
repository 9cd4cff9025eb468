/** Where a scheduler stands, as plain JSON. */
export interface SchedulerState {
  readonly [key: string]: number | null | readonly SchedulerState[];
}

/** The entry `key` of a saved state. Throws `TypeError` unless it is a finite number of at least `low`. */
export function readNumber(op: string, state: SchedulerState, key: string, low = -Infinity): number {
  const value = Object.hasOwn(state, key) ? state[key] : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < low) {
    throw new TypeError(`${op}.loadStateDict: expected ${key} to be a number, got ${JSON.stringify(value)}`);
  }
  return value;
}

/** The entry `key` of a saved state. Throws `TypeError` unless it is an integer of at least `low`. */
export function readInteger(op: string, state: SchedulerState, key: string, low = 0): number {
  const value = readNumber(op, state, key, low);
  if (!Number.isSafeInteger(value))
    throw new TypeError(`${op}.loadStateDict: expected ${key} to be an integer, got ${value}`);
  return value;
}

/** Throws `RangeError` unless `value` is an integer of at least `low`. */
export function checkInteger(op: string, name: string, value: number, low: number): void {
  if (Number.isSafeInteger(value) && value >= low) return;
  throw new RangeError(`${op}: expected ${name} to be an integer >= ${low}, got ${value}`);
}
