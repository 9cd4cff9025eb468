/**
 * How the gradient of a leaf is accessed: 'replace' whatever it is, 'live' asks for one that counts (neither missing nor used up),
 * 'read' for whatever there is.
 */
export type GradAccess = 'replace' | 'live' | 'read';

/**
 * Learns what a function does while it is captured or rehearsed, each time before it happens, and may throw. Objects are tensors,
 * their versions, modules or optimizers.
 */
export interface Tracer {
  make(tensor: object): void;
  use(tensor: object): void;
  dispose(tensor: object): void;
  write(version: object): void;
  gradient(leaf: object, access: GradAccess): void;
  /** A backward pass goes through the op that made `tensor`. */
  differentiate(tensor: object): void;
  /** What is done depends on these properties of `owner`; default: on all of its own. */
  read(owner: object, keys?: readonly string[]): void;
  /** What is done depends on `holds()`, which is true now. */
  assume(holds: () => boolean): void;
  /** The function changes a property of `owner` as part of what it does; `set` changes it unnoticed. */
  change(owner: object, key: string, set: (value: unknown) => void): void;
  /** Something on the host is about to change that each run changes; `restore` brings it back. */
  undo(restore: () => void): void;
  /** Something on the host is about to change that a replay would not change. */
  changeOnce(what: string, restore: () => void): void;
  /** What cannot be done here. */
  refuse(what: string): void;
}

export let tracer: Tracer | null = null;

/** Runs `fn` (synchronous) with `next` learning what it does; with `null` nobody does. */
export function traced<T>(next: Tracer | null, fn: () => T): T {
  const before = tracer;
  tracer = next;
  try {
    return fn();
  } finally {
    tracer = before;
  }
}

/** The module that a parameter or buffer belongs to. */
export const owners = new WeakMap<object, object>();
