import { DisposedError } from './errors';
import { tracer } from './tracer';

/** What a scope frees when it ends. */
export interface Disposable {
  dispose(): void;
  /** Set by `keep()`. */
  kept?: boolean;
  readonly disposed?: boolean;
  toString(): string;
}

interface Made extends Disposable {
  /** Disposes it; `how` is for the message of a later use. */
  free(how: string): void;
}

/**
 * Throws `TypeError` for a promise that the function given to `op` returned: what follows its first `await` would run outside. How the
 * promise ends is nobody's concern then.
 */
export function refusePromise(op: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function') return;
  (value as PromiseLike<unknown>).then(undefined, () => undefined);
  throw new TypeError(`${op}: fn returned a promise; expected a synchronous function`);
}

let innermost: Set<Made> | null = null;

/** Called for every tensor made. */
export function register(made: Made): void {
  tracer?.make(made);
  innermost?.add(made);
}

function* tensorsIn(value: unknown, seen = new Set<object>()): Generator<Made> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if ('dispose' in value && typeof value.dispose === 'function') yield value as Made;
  else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) yield* tensorsIn(item, seen);
  }
}

/**
 * Runs `fn` and frees every tensor made inside it except those that it returns (alone, or in an array or plain object)
 * and those marked with `keep()`. `fn` must not be async: a scope covers one synchronous stretch.
 * Throws `TypeError` when `fn` returns a promise.
 */
export function tidy<T>(fn: () => T): T {
  return inScope(fn, 'the end of tidy() freed it; return it from tidy(), or call keep() on it inside');
}

/** Says what freed the tensors that a captured function made. @internal */
export const STEP_ENDED = 'the captured function that made it has ended; return it from that function';

/** `tidy(fn)`, where `how` says what freed the tensors. @internal */
export function inScope<T>(fn: () => T, how: string): T {
  const outer = innermost;
  const scope = new Set<Made>();
  innermost = scope;
  let kept: T | undefined;
  try {
    kept = fn();
    refusePromise('tidy', kept);
    return kept;
  } finally {
    innermost = outer;
    for (const tensor of tensorsIn(kept)) {
      if (scope.delete(tensor)) outer?.add(tensor);
    }
    for (const made of scope) if (!made.kept) made.free(how);
  }
}

/**
 * Takes a tensor out of every `tidy` around it, none of which then frees it, and keeps it through `backward()`. Throws
 * `DisposedError` when it was freed before.
 */
export function keep<T extends Disposable>(tensor: T): T {
  if (tensor.disposed) {
    throw new DisposedError(
      `keep: ${String(tensor)} was freed before: call keep() as soon as it is made, before backward() or the end of tidy()`,
    );
  }
  innermost?.delete(tensor as Disposable as Made);
  tensor.kept = true;
  return tensor;
}
