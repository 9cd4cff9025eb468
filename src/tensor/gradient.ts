import type { Storage } from '../runtime/memory/storage';
import { GraphError } from './errors';
import { tracer } from './tracer';
import type { Version } from './memory/version';

/** The op on the tape that made a tensor, as far as the tensor knows it. */
export interface GradNode<T> {
  /** The op's name. */
  readonly name: string;
  /** Propagates `gradient` from `root` to the leaves. */
  backward(root: T, gradient: T | undefined, retainGraph: boolean): void;
  /** Told when the tensor that the op made is disposed. */
  release(): void;
}

/** A place in memory that a leaf's gradient is written to. */
export interface GradSlot {
  readonly storage: Storage;
  readonly offset: number;
  /** Shared by all gradients that were ever written there. */
  readonly version: Version;
}

/** What a gradient belongs to. */
interface Owner {
  readonly dtype: string;
  readonly node: { readonly name: string } | null;
  toString(): string;
}

/** The gradient of `owner`, and whether it gets one. */
export class GradientState<T extends { free(how: string): void }> {
  readonly #owner: Owner;
  #required = false;
  #grad: T | null = null;
  #used = false;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  get required(): boolean {
    tracer?.read(this.#owner, ['requiresGrad']);
    return this.#required;
  }

  set required(value: boolean) {
    const owner = this.#owner;
    if (value === this.#required) return;
    if (value && owner.dtype !== 'float32')
      throw new TypeError(`requiresGrad: only float32 tensors have gradients, ${owner.toString()} has none`);
    if (owner.node) {
      throw new GraphError(
        `requiresGrad: ${owner.toString()} is the result of ${owner.node.name}; only a leaf can be switched, see detach()`,
      );
    }
    tracer?.change(owner, 'requiresGrad', (to) => (this.#required = Boolean(to)));
    this.#required = value;
  }

  /** Whatever it is. */
  get value(): T | null {
    tracer?.gradient(this.#owner, 'read');
    return this.#grad;
  }

  /** Whether an optimizer has used the gradient up: the next `backward()` then replaces it in place of adding to it. */
  get used(): boolean {
    tracer?.gradient(this.#owner, 'read');
    return this.#used;
  }

  /** The gradient, unless an optimizer has used it up: the next `backward()` adds to it. */
  get live(): T | null {
    tracer?.gradient(this.#owner, 'live');
    return this.#used ? null : this.#grad;
  }

  /** The gradient can still be read, but counts as none. */
  use(): void {
    tracer?.gradient(this.#owner, 'live');
    this.#used = true;
  }

  /** Puts `value` in the place of the gradient. */
  set(value: T | null): void {
    tracer?.gradient(this.#owner, 'replace');
    this.#grad = value;
    this.#used = false;
  }

  /** Puts `value` in the place of the gradient, which is disposed. */
  replace(value: T | null): void {
    tracer?.gradient(this.#owner, 'replace');
    this.#grad?.free(
      'a later backward(), zeroGrad() or an optimizer replaced this gradient; read it before, or clone() it',
    );
    this.#grad = value;
    this.#used = false;
  }
}

/** Throws `GraphError` for PyTorch's option `createGraph`. */
export function refuseSecondOrder(options: object | null): void {
  if ((options as { createGraph?: unknown } | null)?.createGraph)
    throw new GraphError('backward: createGraph is not supported: no gradients of gradients, see docs/limits.md');
}

/** Why `backward()` cannot start from `root`. */
export const noGraph = (root: Owner): GraphError =>
  new GraphError(
    `backward: ${root.toString()} has no graph: nothing that it was computed from required a gradient, or it was computed ` +
      'under noGrad(), or from gradients (gradients of gradients are not supported)',
  );
