import { checkOptions } from '../device/options';
import { keep } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { StateDict } from '../tensor/state-dict';
import { owners, tracer } from '../tensor/tracer';
import { loadState, type LoadResult } from './state';

/** Options of `Module.loadStateDict()`. */
export interface LoadStateDictOptions {
  /** Whether names that only one side has are an error; default true. */
  strict?: boolean;
}

type Named<T> = [name: string, value: T];

function modulesIn(name: string, value: unknown): Named<Module>[] {
  if (value instanceof Module) return [[name, value]];
  if (Array.isArray(value)) return value.flatMap((item, i) => modulesIn(`${name}.${i}`, item));
  return [];
}

const indent = (text: string): string => text.replace(/^/gm, '  ');

/**
 * A part of a network: parameters, buffers and other modules, and how they compute an output from an input.
 *
 *     class Residual extends Module {
 *       readonly body = sequential(conv2d(8, 8, 3, { padding: 'same' }), relu());
 *       readonly scale = this.parameter('scale', ones([1]));
 *       forward(x: Tensor) { return add(x, mul(this.body.forward(x), this.scale)); }
 *     }
 *
 * Parameters and buffers are named when they are registered; modules in properties (alone or in arrays) are children under
 * the property's name.
 */
export abstract class Module {
  readonly #parameters = new Map<string, Tensor>();
  readonly #buffers = new Map<string, Tensor>();
  #training = true;

  /** The output for an input `x`; what shapes fit is up to the module. */
  abstract forward(x: Tensor, ...rest: Tensor[]): Tensor;

  /** The text between the brackets of this module's line in `toString()`. */
  protected describe(): string {
    return '';
  }

  /** Registers a tensor (float32, a leaf) that an optimizer trains, under its name in the state dict; no scope frees it. */
  protected parameter(name: string, tensor: Tensor): Tensor {
    if (tensor.dtype !== 'float32' || tensor.node)
      throw new TypeError(
        `parameter ${name}: expected a float32 leaf, got ${tensor.node ? 'the result of an op' : tensor.dtype}`,
      );
    this.#register(this.#parameters, name, tensor);
    tensor.requiresGrad = true;
    return tensor;
  }

  /** Registers a tensor that is part of the state but not trained, under its name in the state dict; no scope frees it. */
  protected buffer(name: string, tensor: Tensor): Tensor {
    this.#register(this.#buffers, name, tensor);
    return tensor;
  }

  #register(where: Map<string, Tensor>, name: string, tensor: Tensor): void {
    if (!/^[^.]+$/.test(name))
      throw new RangeError(`${this.constructor.name}: expected a name without dots, got '${name}'`);
    if (this.#parameters.has(name) || this.#buffers.has(name))
      throw new RangeError(`${this.constructor.name} has two tensors named '${name}'`);
    where.set(name, keep(tensor));
    owners.set(tensor, this);
    tensor.name ||= `${this.constructor.name}.${name}`;
  }

  /** The modules that this one holds, by name. */
  namedChildren(): Named<Module>[] {
    return Object.entries(this).flatMap(([name, value]) => modulesIn(name, value));
  }

  /** The modules that this one holds. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  #collect(pick: (module: Module) => Iterable<Named<Tensor>>): Named<Tensor>[] {
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.#collect(pick).map(([rest, tensor]): Named<Tensor> => [`${name}.${rest}`, tensor]),
    );
    return [...pick(this), ...below];
  }

  /** Every parameter of this module and those below with its name, each tensor once. */
  namedParameters(): Named<Tensor>[] {
    const seen = new Set<Tensor>();
    return this.#collect((module) => module.#parameters).filter(
      ([, tensor]) => !seen.has(tensor) && Boolean(seen.add(tensor)),
    );
  }

  /** Every parameter of this module and those below, each once: what an optimizer takes. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, tensor]) => tensor);
  }

  /** Every buffer (running statistics) of this module and those below with its name. */
  namedBuffers(): Named<Tensor>[] {
    return this.#collect((module) => module.#buffers);
  }

  /** Every buffer of this module and those below. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, tensor]) => tensor);
  }

  /** Calls `fn` for every module below this one and then for this one. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Whether the module trains: then dropout drops elements and batch normalisation uses the batch's statistics. Initially true. */
  get training(): boolean {
    tracer?.read(this);
    tracer?.read(this, ['training']);
    return this.#training;
  }

  /** Switches this module and all below it to training (or, with false, to evaluation). */
  train(mode = true): this {
    return this.apply((module) => {
      tracer?.change(module, 'training', (value) => (module.#training = Boolean(value)));
      module.#training = mode;
    });
  }

  /** Switches this module and all below it to evaluation. */
  eval(): this {
    return this.train(false);
  }

  /** Drops the gradients of all parameters: the next `backward()` starts from none. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.gradState.replace(null);
  }

  /** Parameters and buffers under PyTorch's names. They are the module's own tensors: training changes them. */
  stateDict(): StateDict {
    return Object.fromEntries(this.#collect((module) => [...module.#parameters, ...module.#buffers]));
  }

  /**
   * Overwrites parameters and buffers with the tensors of `dict`, which are copied. With `strict: false` names that only one
   * side has are left alone and returned. A missing `num_batches_tracked` is no error. Throws `TypeError` for what is not a dict and
   * `StateDictError`, before anything is written, that lists all names that are missing, unexpected or do not fit.
   */
  loadStateDict(dict: StateDict, options: LoadStateDictOptions = {}): LoadResult {
    checkOptions('loadStateDict', options, 'strict');
    return loadState(this.constructor.name, this.stateDict(), dict, options.strict ?? true);
  }

  /** Gives the memory of parameters, gradients and buffers back: the module cannot be used any more. */
  dispose(): void {
    this.zeroGrad();
    for (const tensor of [...this.parameters(), ...this.buffers()]) tensor.dispose();
  }

  /** The tree of modules with their settings, as PyTorch prints it. */
  toString(): string {
    const lines = this.namedChildren().map(([name, child]) => indent(`(${name}): ${child.toString()}`));
    const inside = lines.length > 0 ? `\n${lines.join('\n')}\n` : '';
    return `${this.constructor.name}(${this.describe()}${inside})`;
  }
}
