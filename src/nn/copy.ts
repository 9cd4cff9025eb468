import { keep } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { beginState, registryOf, stateOf } from './tree';

/** The values of `tensor` in memory of its own, outside any graph; no scope frees it. */
function copyTensor(tensor: Tensor): Tensor {
  if (tensor.disposed) return tensor;
  const { shape, dtype, device, name } = tensor;
  const copy = keep(Tensor.empty(shape, dtype, device, 'clone'));
  copy.copyFrom(tensor);
  copy.requiresGrad = tensor.requiresGrad && !tensor.node;
  copy.name = name;
  return copy;
}

/** A copy of the module `source` without its fields. */
function begin(source: object, copy: (tensor: Tensor) => Tensor): object {
  const { name } = source.constructor;
  if (Object.keys(source).includes('forward'))
    throw new TypeError(
      `clone: ${name}: forward is a field, which would go on using the original; write it as a method`,
    );
  for (let at = source; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    // Only constructors give them to an object, and no one knows what this one was called with.
    if (Function.prototype.toString.call(at.constructor).includes('this.#'))
      throw new TypeError(`clone: ${name} has private #fields, which cannot be copied; override clone() there`);
  }
  const made = Object.create(Object.getPrototypeOf(source) as object) as object;
  beginState(made, registryOf(source).copy(made, copy), stateOf(source).training);
  return made;
}

/** Copies values with the modules, tensors, arrays, maps, sets and plain objects in them; what is shared among them stays shared. */
export class Copier {
  readonly #copies = new Map<object, unknown>();
  readonly #isModule: (value: object) => boolean;

  constructor(isModule: (value: object) => boolean) {
    this.#isModule = isModule;
  }

  copy<T>(value: T): T {
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known as T;
    return this.#copyObject(value) as T;
  }

  #copyObject(value: object): object {
    if (value instanceof Tensor) return this.#note(value, copyTensor(value as Tensor));
    if (Array.isArray(value)) {
      const copy = this.#note(value, [] as unknown[]);
      for (const item of value as unknown[]) copy.push(this.copy(item));
      return copy;
    }
    if (value instanceof Map) {
      const copy = this.#note(value, new Map<unknown, unknown>());
      for (const [key, item] of value as Map<unknown, unknown>) copy.set(this.copy(key), this.copy(item));
      return copy;
    }
    if (value instanceof Set) {
      const copy = this.#note(value, new Set<unknown>());
      for (const item of value as Set<unknown>) copy.add(this.copy(item));
      return copy;
    }
    const isModule = this.#isModule(value);
    // A device, …
    if (!isModule && Object.getPrototypeOf(value) !== Object.prototype) return value;
    const copy = this.#note(value, isModule ? begin(value, (tensor) => this.copy(tensor)) : {});
    for (const [key, item] of Object.entries(value) as [string, unknown][]) {
      const copied = { value: this.copy(item), configurable: true, enumerable: true, writable: true };
      Object.defineProperty(copy, key, copied);
    }
    return copy;
  }

  #note<T extends object>(source: object, copy: T): T {
    this.#copies.set(source, copy);
    return copy;
  }
}
