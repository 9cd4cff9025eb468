import type { Tensor } from '../tensor/tensor';
import type { ForwardHooks } from './forward-hooks';
import { Registry } from './registry';

export type Named<T> = [name: string, value: T];

/** What a module holds beside its fields. Not in private fields: a copy is made without the constructor. */
interface State {
  registry: Registry;
  training: boolean;
  hooks: ForwardHooks | null;
}

const states = new WeakMap<object, State>();

/** Begins the state of `module`, a new one. */
export function beginState(module: object, registry = new Registry(), training = true): void {
  states.set(module, { registry, training, hooks: null });
}

/** The state of `module`. Throws `TypeError` for an object that was not made by the constructor of `Module`. */
export function stateOf(module: object): State {
  const state = states.get(module);
  if (!state)
    throw new TypeError(`${module.constructor.name}: expected a module made by its constructor or by clone()`);
  return state;
}

/** The tensors of `module`, without those below it, after what was assigned to its fields. */
export function registryOf(module: object): Registry {
  const { registry } = stateOf(module);
  registry.update(module);
  return registry;
}

interface Node<M> {
  namedChildren(): Named<M>[];
}

/** Every module from `root` down with its name, as often as it is held. A reference to a module further up is no child. */
export function tree<M extends Node<M>>(root: M, name = '', above: readonly M[] = []): Named<M>[] {
  const path = [...above, root];
  const children = root.namedChildren().filter(([, child]) => !path.includes(child));
  return [[name, root], ...children.flatMap(([key, child]) => tree(child, name ? `${name}.${key}` : key, path))];
}

/** Calls `fn` for every module below `root`, as often as it is held, and then for `root`. */
export function visit<M extends Node<M>>(root: M, fn: (module: M) => void, above: readonly M[] = []): void {
  const path = [...above, root];
  for (const [, child] of root.namedChildren()) if (!path.includes(child)) visit(child, fn, path);
  fn(root);
}

/** The tensors that `pick` finds in the modules from `root` down, by name, which messages call them by from now on. */
export function collect<M extends object & Node<M>>(
  root: M,
  pick: (registry: Registry) => Iterable<Named<Tensor>>,
): Named<Tensor>[] {
  const named = tree(root).flatMap(([path, module]) =>
    [...pick(registryOf(module))].map(([name, tensor]): Named<Tensor> => [path ? `${path}.${name}` : name, tensor]),
  );
  for (const [name, tensor] of once(named)) {
    // A module further up has said more.
    if (!tensor.name.endsWith(`.${name}`)) tensor.name = name;
  }
  return named;
}

/** Each value under its first name. */
export function once<T>(entries: readonly Named<T>[]): Named<T>[] {
  const seen = new Set<T>();
  return entries.filter(([, value]) => !seen.has(value) && Boolean(seen.add(value)));
}

/** Elements of all `tensors`. */
export const sizeOfAll = (tensors: Iterable<Tensor>): number => [...tensors].reduce((sum, { size }) => sum + size, 0);

/** `title(settings)` with a line for each child inside the brackets, as PyTorch prints a module. */
export function nestedText(
  title: string,
  settings: string,
  children: readonly Named<{ toString(): string }>[],
): string {
  const lines = children.map(([name, child]) => `(${name}): ${child.toString()}`.replace(/^/gm, '  '));
  return `${title}(${settings}${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''})`;
}
