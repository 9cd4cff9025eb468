import { refusePromise } from '../tensor/scope';

let enabled = true;

/** Whether ops record a graph at this moment. */
export function gradEnabled(): boolean {
  return enabled;
}

function withGrad<T>(name: string, value: boolean, fn: () => T): T {
  const before = enabled;
  enabled = value;
  try {
    const result = fn();
    refusePromise(name, result);
    return result;
  } finally {
    enabled = before;
  }
}

/** Runs `fn` without recording a graph. Throws `TypeError` when `fn` is async. */
export function noGrad<T>(fn: () => T): T {
  return withGrad('noGrad', false, fn);
}

/** Runs `fn` with recording on, inside a `noGrad`. Throws `TypeError` when `fn` is async. */
export function enableGrad<T>(fn: () => T): T {
  return withGrad('enableGrad', true, fn);
}
