import { describeValue } from '../tensor/describe';

/** An object that a field leads to: `path` is `field` or, through arrays, maps and plain objects, `field.key`. */
export interface Held {
  readonly path: string;
  readonly value: object;
  /** What is wrong with a key on the way to it as a part of a name; empty where nothing is. */
  readonly problem: string;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The entries of an array, set, map or plain object; `null` for any other object. */
function entriesOf(value: object): Iterable<readonly [key: unknown, item: unknown]> | null {
  if (Array.isArray(value)) return (value as unknown[]).entries();
  if (value instanceof Set) return [...(value as Set<unknown>)].entries();
  if (value instanceof Map) return value as Map<unknown, unknown>;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : null;
}

function problemOf(key: unknown): string {
  if (typeof key === 'number') return '';
  if (typeof key !== 'string') return `expected strings or numbers as keys of a Map, got ${describeValue(key)}`;
  return /^[^.]+$/.test(key) ? '' : `expected a key without dots, got '${key}'`;
}

function* within(held: Held, around: readonly object[]): Generator<Held> {
  const { path, value, problem } = held;
  const entries = entriesOf(value);
  if (!entries) yield held;
  // An object can lead back to itself.
  else if (!around.includes(value)) {
    for (const [key, item] of entries) {
      if (!isObject(item)) continue;
      const next = { path: `${path}.${String(key)}`, value: item, problem: problem || problemOf(key) };
      yield* within(next, [...around, value]);
    }
  }
}

/** The objects with classes of their own (modules, tensors, …) that the fields of `owner` lead to. */
export function* heldBy(owner: object): Generator<Held> {
  for (const [path, value] of Object.entries(owner) as [string, unknown][])
    if (isObject(value)) yield* within({ path, value, problem: '' }, []);
}
