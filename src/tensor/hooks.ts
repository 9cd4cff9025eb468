import { describeValue } from './describe';
import { GraphError } from './errors';
import { tracer } from './tracer';

/** What `registerForwardHook()` and `registerHook()` return. */
export interface HookHandle {
  /** Takes the hook away. A second call does nothing. */
  readonly remove: () => void;
}

/** Called with the gradient of a tensor; what it returns, if anything, takes the gradient's place. */
// A function without a return statement is one of `void`.
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type
export type GradientHook<T> = (gradient: T) => T | void;

type AnyFunction = (...args: never[]) => unknown;

/** Counts the hooks of modules and leaves that came and went: what was captured before does not fit any more. */
export let hookChanges = 0;

/** Functions that are called in the order in which they came; one that came twice is called twice. */
export class Hooks<Hook extends AnyFunction> {
  readonly #op: string;
  readonly #counted: boolean;
  #entries: readonly { readonly hook: Hook }[] = [];

  /** `op` is what messages begin with; `counted`: whether a captured function may have used the hooks' owner. */
  constructor(op: string, counted = true) {
    this.#op = op;
    this.#counted = counted;
  }

  isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Throws `TypeError` for what is no function. */
  add(hook: Hook): HookHandle {
    const given: unknown = hook;
    if (typeof given !== 'function')
      throw new TypeError(`${this.#op}: expected a function, got ${describeValue(given)}`);
    const entry = { hook };
    this.#entries = [...this.#entries, entry];
    if (this.#counted) hookChanges++;
    return {
      remove: () => {
        if (!this.#entries.includes(entry)) return;
        this.#entries = this.#entries.filter((each) => each !== entry);
        if (this.#counted) hookChanges++;
      },
    };
  }

  /** What `value` is after the hooks: each may give another one by returning it. */
  apply<T>(value: T, call: (hook: Hook, value: T) => T | undefined): T {
    for (const { hook } of this.#entries) {
      const given = call(hook, value);
      if (given instanceof Promise)
        throw new TypeError(`${this.#op}: the hook returned a promise; expected a synchronous function`);
      if (given !== undefined) value = given;
    }
    return value;
  }
}

/** The hooks on the gradient of `tensor`, to which one is added. Throws `GraphError` when it requires none. */
export function gradientHooks<T>(tensor: {
  readonly requiresGrad: boolean;
  readonly node: object | null;
  readonly gradHooks: Hooks<GradientHook<T>> | null;
  toString(): string;
}): Hooks<GradientHook<T>> {
  if (!tensor.requiresGrad) throw new GraphError(`registerHook: ${tensor.toString()} requires no gradient`);
  if (!tensor.node) tracer?.refuse('a hook on the gradient of a leaf is registered');
  return tensor.gradHooks ?? new Hooks('registerHook', !tensor.node);
}
