let enabled = true;

/** Whether ops record a graph at this moment. */
export function gradEnabled(): boolean {
  return enabled;
}

function withGrad<T>(value: boolean, fn: () => T): T {
  const before = enabled;
  enabled = value;
  try {
    return fn();
  } finally {
    enabled = before;
  }
}

/** Runs `fn` (synchronous) without recording a graph. */
export function noGrad<T>(fn: () => T): T {
  return withGrad(false, fn);
}

/** Runs `fn` (synchronous) with recording on, inside a `noGrad`. */
export function enableGrad<T>(fn: () => T): T {
  return withGrad(true, fn);
}
