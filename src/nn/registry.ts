import type { DType } from '../tensor/dtype';
import { keep } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { owners } from '../tensor/tracer';
import { heldBy, type Held } from './fields';

/** What a module knows of its tensors, by their names in the state dict. */
export class Registry {
  readonly parameters = new Map<string, Tensor>();
  readonly buffers = new Map<string, Tensor>();
  /** The path of the field that holds a tensor. */
  readonly #fields = new Map<string, string>();

  /** Registers a tensor. Throws `RangeError` for a name that cannot be one or that is taken. */
  add(where: 'parameters' | 'buffers', owner: object, name: string, tensor: Tensor): void {
    const title = owner.constructor.name;
    if (!/^[^.]+$/.test(name)) throw new RangeError(`${title}: expected a name without dots, got '${name}'`);
    if (this.parameters.has(name) || this.buffers.has(name))
      throw new RangeError(`${title} has two tensors named '${name}'`);
    this.#set(where, owner, name, tensor);
  }

  #set(where: 'parameters' | 'buffers', owner: object, name: string, tensor: Tensor): void {
    this[where].set(name, keep(tensor));
    if (!owners.has(tensor)) owners.set(tensor, owner);
    tensor.name ||= `${owner.constructor.name}.${name}`;
  }

  /** The same for `owner`, a copy of a module, with the tensors that `copy` makes. */
  copy(owner: object, copy: (tensor: Tensor) => Tensor): Registry {
    const next = new Registry();
    for (const where of ['parameters', 'buffers'] as const)
      for (const [name, tensor] of this[where]) next.#set(where, owner, name, copy(tensor));
    for (const [name, path] of this.#fields) next.#fields.set(name, path);
    return next;
  }

  /** Takes over what was assigned to fields of `owner` since: another tensor for a name, none, or a new parameter. */
  update(owner: object): void {
    const held = new Map<string, Held>();
    for (const each of heldBy(owner)) if (each.value instanceof Tensor) held.set(each.path, each);
    const holding = (tensor: Tensor): string | undefined => {
      for (const { path, value } of held.values()) if (value === tensor) return path;
      return undefined;
    };
    const taken = new Set<string>();
    for (const where of ['parameters', 'buffers'] as const) {
      for (const [name, tensor] of [...this[where]]) {
        const likely = [name, name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
        const path =
          this.#fields.get(name) ??
          likely.find((each) => held.get(each)?.value === tensor) ??
          holding(tensor) ??
          likely.find((each) => held.has(each) || Reflect.get(owner, each) === null);
        if (path === undefined) continue;
        this.#fields.set(name, path);
        taken.add(path);
        const now = held.get(path)?.value;
        if (now === undefined) this[where].delete(name);
        else if (now !== tensor) this.#replace(where, owner, name, tensor, now as Tensor);
      }
    }
    const known = new Set([...this.parameters.values(), ...this.buffers.values()]);
    for (const { path, value, problem } of held.values()) {
      const tensor = value as Tensor;
      const trained = tensor.requiresGrad && !tensor.node && !tensor.disposed;
      if (!trained || taken.has(path) || known.has(tensor) || this.parameters.has(path)) continue;
      if (problem) throw new TypeError(`${owner.constructor.name}: parameter ${path}: ${problem}`);
      this.#set('parameters', owner, path, tensor);
      this.#fields.set(path, path);
    }
  }

  #replace(where: 'parameters' | 'buffers', owner: object, name: string, before: Tensor, now: Tensor): void {
    if (where === 'parameters') {
      checkParameter(`${owner.constructor.name}: ${name}`, now);
      // One that another module has already stays as it is there.
      if (!owners.has(now) && before.requiresGrad) now.requiresGrad = true;
    }
    this.#set(where, owner, name, now);
  }
}

/** Throws `TypeError` for what cannot be trained. */
export function checkParameter(what: string, tensor: Tensor<DType>): void {
  if (tensor.dtype === 'float32' && !tensor.node) return;
  const given = tensor.node ? 'the result of an op' : tensor.dtype;
  throw new TypeError(`${what}: expected a float32 leaf, got ${given}`);
}
