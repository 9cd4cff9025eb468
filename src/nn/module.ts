import { checkOptions } from '../device/options';
import type { DType } from '../tensor/dtype';
import type { HookHandle } from '../tensor/hooks';
import type { Tensor } from '../tensor/tensor';
import type { StateDict } from '../tensor/state-dict';
import { printing } from '../tensor/print/printing';
import { tracer } from '../tensor/tracer';
import { Copier } from './copy';
import { heldBy } from './fields';
import { ForwardHooks } from './forward-hooks';
import { checkParameter } from './registry';
import { loadState, type LoadResult, type LoadStateDictOptions, type NumParametersOptions } from './state';
import { beginState, collect, nestedText, once, registryOf, sizeOfAll, stateOf, tree, visit, type Named } from './tree';

/** Called after each `forward()` of a module; what it returns, if anything, takes the place of the output. */
export type ForwardHook<M extends AnyModule> = (
  module: M,
  inputs: Parameters<M['forward']>,
  output: ReturnType<M['forward']>,
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- what a function without a return statement returns
) => ReturnType<M['forward']> | void;

/**
 * A part of a network: parameters, buffers and other modules, and how they compute an output from an input. `forward()` takes what it
 * likes and returns what it likes.
 *
 *     class Residual extends Module {
 *       readonly body = sequential(conv2d(8, 8, 3, { padding: 'same' }), relu());
 *       readonly scale = ones([1], { requiresGrad: true });
 *       forward(x: Tensor) { return add(x, mul(this.body.forward(x), this.scale)); }
 *     }
 *
 * What fields hold, alone or in arrays, sets, maps and plain objects, belongs to the module: other modules are its children, and leaves
 * that require a gradient are parameters, under the field's name (`scale`, `layers.0`, `heads.left`). A tensor assigned to a parameter's
 * field replaces the parameter, `null` removes it; the same tensor in two places (tied weights) is one parameter. Not looked into:
 * private `#fields`, functions and objects of other classes. A reference to a module further up is no child.
 * `parameter()` and `buffer()` register a tensor under another name, take it out of every scope, and are the way to buffers.
 *
 * As a type, `AnyModule` is any module, and `Module` one that computes a tensor from tensors.
 */
export abstract class AnyModule {
  constructor() {
    beginState(this);
  }

  /** The output for inputs of the module's own kinds; what shapes fit is up to it. */
  abstract forward(...inputs: never[]): unknown;

  /** The text between the brackets of this module's line in `toString()`. */
  protected describe(): string {
    return '';
  }

  /** Registers a tensor (float32, a leaf) that an optimizer trains, under its name in the state dict; no scope frees it. */
  protected parameter(name: string, tensor: Tensor): Tensor {
    checkParameter(`parameter ${name}`, tensor);
    stateOf(this).registry.add('parameters', this, name, tensor);
    tensor.requiresGrad = true;
    return tensor;
  }

  /** Registers a tensor that is part of the state but not trained, under its name in the state dict; no scope frees it. */
  protected buffer<D extends DType>(name: string, tensor: Tensor<D>): Tensor<D> {
    stateOf(this).registry.add('buffers', this, name, tensor as Tensor<DType> as Tensor);
    return tensor;
  }

  /**
   * The modules that this one holds, by name, typed as most modules are. Throws `TypeError` where a key cannot be a part of a name.
   */
  namedChildren(): Named<Module>[] {
    return [...heldBy(this)].flatMap(({ path, value, problem }): Named<Module>[] => {
      if (!(value instanceof AnyModule)) return [];
      if (problem) throw new TypeError(`${this.constructor.name}: module ${path}: ${problem}`);
      return [[path, value as Module]];
    });
  }

  /** The modules that this one holds. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module (under the name '') and all below it with their names, each once. */
  namedModules(): Named<Module>[] {
    return once(tree(this as AnyModule as Module));
  }

  /** This module and all below it, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Every parameter of this module and those below with its name, each tensor once. */
  namedParameters(): Named<Tensor>[] {
    return once(collect(this as AnyModule as Module, ({ parameters }) => parameters));
  }

  /** Every parameter of this module and those below, each once: what an optimizer takes. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, tensor]) => tensor);
  }

  /** How many numbers the parameters have together, each tensor counted once. */
  numParameters(options: NumParametersOptions = {}): number {
    checkOptions('numParameters', options, 'trainable');
    const { trainable } = options;
    return sizeOfAll(
      this.parameters().filter(({ requiresGrad }) => trainable === undefined || requiresGrad === trainable),
    );
  }

  /** Every buffer (running statistics) of this module and those below with its name. */
  namedBuffers(): Named<Tensor>[] {
    return collect(this as AnyModule as Module, ({ buffers }) => buffers);
  }

  /** Every buffer of this module and those below. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, tensor]) => tensor);
  }

  /** Calls `fn` for every module below this one and then for this one. */
  apply(fn: (module: Module) => void): this {
    visit(this as AnyModule as Module, fn);
    return this;
  }

  /**
   * Switches `requiresGrad` of all parameters off: no gradient is computed for them, and optimizers leave them as they are. Running
   * statistics go on changing in training: `eval()` stops them.
   */
  freeze(): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = false;
    return this;
  }

  /** Switches `requiresGrad` of all parameters on. */
  unfreeze(): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = true;
    return this;
  }

  /**
   * Calls `hook(module, inputs, output)` after each `forward()` of this module; what it returns, unless undefined, takes the place of
   * the output. Between the layers of a `Sequential` an output is freed once the next layer has read it: read it in the hook
   * (`output.data()`) or mark it with `keep()`. In a captured step the hook is called while the step is recorded and checked; its GPU work is
   * replayed, what it does on the host is not. A layer with a hook runs by itself, not fused with its neighbours, with the same results.
   */
  registerForwardHook<M extends AnyModule>(this: M, hook: ForwardHook<M>): HookHandle {
    tracer?.refuse('a forward hook is registered');
    const state = stateOf(this);
    state.hooks ??= new ForwardHooks(this);
    return state.hooks.add(hook);
  }

  /** Whether the module trains: then dropout drops elements and batch normalisation uses the batch's statistics. Initially true. */
  get training(): boolean {
    tracer?.read(this);
    tracer?.read(this, ['training']);
    return stateOf(this).training;
  }

  /** Switches this module and all below it to training (or, with false, to evaluation). */
  train(mode = true): this {
    return this.apply((module) => {
      const state = stateOf(module);
      tracer?.change(module, 'training', (value) => (state.training = Boolean(value)));
      state.training = mode;
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

  /**
   * Parameters and buffers under PyTorch's names; a tensor that is in two places has two names, as in PyTorch. They are the module's own
   * tensors: training changes them.
   */
  stateDict(): StateDict {
    return Object.fromEntries(
      collect(this as AnyModule as Module, ({ parameters, buffers }) => [...parameters, ...buffers]),
    );
  }

  /**
   * Overwrites parameters and buffers with the tensors of `dict`, which are copied. With `strict: false` names that only one side has
   * are left alone and returned. A missing `num_batches_tracked` is no error, nor is one of the two names of a tensor. Throws `TypeError`
   * for what is not a dict, and `StateDictError`, before anything is written, with all names that are missing, unexpected or do not fit.
   */
  loadStateDict(dict: StateDict<DType>, options: LoadStateDictOptions = {}): LoadResult {
    checkOptions('loadStateDict', options, 'strict');
    return loadState(this.constructor.name, this.stateDict(), dict, options.strict ?? true);
  }

  /**
   * A copy with parameters, buffers and everything else that its fields hold in memory of its own, in the same modes; without gradients
   * and hooks. Objects of other classes than modules and tensors, and functions, are shared with the original. Throws `TypeError` for a
   * module whose `forward` is a field (`forward = (x) => …`), which would go on using the original, or whose class has private
   * `#fields`, which cannot be copied: override `clone()` there.
   */
  clone(): this {
    return new Copier((value) => value instanceof AnyModule).copy(this);
  }

  /** Gives the memory of parameters, gradients and buffers back: the module cannot be used any more. */
  dispose(): void {
    this.zeroGrad();
    for (const tensor of [...this.parameters(), ...this.buffers()]) tensor.dispose();
  }

  /** The tree of modules with their settings, as PyTorch prints it. */
  toString(): string {
    return nestedText(this.constructor.name, this.describe(), this.namedChildren());
  }

  /** For console.log() in Node: a table of the layers with their numbers of parameters. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const layers = this.namedModules().map(([name, module]) => ({
      name,
      layer: `${module.constructor.name}(${module.describe()})`,
      own: [...registryOf(module).parameters.values()],
      inner: module.children().length > 0,
    }));
    return printing?.module(this.constructor.name, layers) ?? this.toString();
  }

  /** Refuses with a `TypeError`: tensors are on the GPU. @internal */
  toJSON(): never {
    throw new TypeError('JSON.stringify: a module has no JSON; use await toSafetensors(model.stateDict())');
  }
}

type FromTensors = [x: Tensor, ...rest: Tensor[]];

/** A module as a type: by default one that computes a tensor from tensors; `Module<[Tensor, number], [Tensor, Tensor]>` is another. */
export interface Module<Inputs extends readonly unknown[] = FromTensors, Output = Tensor> extends AnyModule {
  /** The output for inputs; what shapes fit is up to the module. */
  forward(...inputs: Inputs): Output;
}

/** What modules extend: see `AnyModule`. */
export const Module = AnyModule;
