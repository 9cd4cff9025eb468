import type { Device } from '../runtime/device';
import type { Params } from '../wgsl/params';
import type { Kernel } from '../runtime/kernels/kernel';
import type { BufferView } from '../runtime/stream/command-stream';
import type { Defines } from '../wgsl/template';
import { ITEM_BYTES } from '../tensor/dtype';
import { launchElements, vectorOf } from '../runtime/kernels/element-kernel';
import type { Tensor } from '../tensor/tensor';
import { tracer } from '../tensor/tracer';
import { adjoins, enclosing } from './arena';
import { checkNumber, checkParams, gradientOf, parametersOf, type ParameterSource } from './checks';
import { OptimizerMemory } from './memory';
import { checkTensors, readConfig, readState, readSteps, type Config, type OptimizerState } from './state';

/** Settings of an optimizer, of which every one has a learning rate. */
export type OptimizerConfig = Config & { readonly lr: number };

/** How one optimizer differs from another. */
export interface UpdateRule<C extends OptimizerConfig> {
  readonly name: string;
  /** A `vectorKernel` that binds parameters, gradients and moments, in that order; `n` and `uniforms` are its Params. */
  readonly kernel: Kernel;
  /** Throws `RangeError` for a setting out of range. */
  check(config: C): void;
  /** The moments of each parameter, by PyTorch's names. */
  moments(config: C): readonly string[];
  /** The defines of the kernel. */
  defines(config: C): Defines;
  /** The uniforms of step number `step`, from 1; steps without moments are not counted. */
  uniforms(config: C, step: number): Params;
}

/** The parameters with numbers `first` to `last`, neighbours in memory, which one dispatch updates. */
interface ParamRange {
  readonly first: number;
  last: number;
  values: BufferView;
  grads: BufferView;
}

const sameDefines = (a: Defines, b: Defines): boolean => Object.entries(a).every(([name, value]) => b[name] === value);

/**
 * The base of all optimizers. It moves its parameters into one buffer, their gradients into a second and each moment into
 * a further one, so that a step is one dispatch; parameters without a gradient are left out, as in PyTorch.
 */
export abstract class Optimizer<C extends OptimizerConfig = OptimizerConfig> {
  readonly params: readonly Tensor[];
  /** How many states were loaded: a scheduler that was made since has not changed the learning rate for good. @internal */
  loads = 0;
  /** The learning rate before any scheduler changed it; `null` while there is no scheduler. */
  initialLr: number | null = null;
  readonly #rule: UpdateRule<C>;
  readonly #device: Device;
  readonly #memory: OptimizerMemory;
  /** Counted for each parameter: as in PyTorch, a step in which it has no gradient is none. */
  #steps: number[];
  #config: C;
  /** Of the config: the same object while they are the same. */
  #defines: Defines;

  /** @internal */
  constructor(rule: UpdateRule<C>, params: ParameterSource, config: C) {
    tracer?.refuse(`an optimizer (${rule.name}) is made`);
    this.#rule = rule;
    this.params = parametersOf(rule.name, params);
    this.#device = checkParams(rule.name, this.params);
    rule.check(config);
    this.#config = config;
    this.#defines = rule.defines(config);
    this.#steps = this.params.map(() => 0);
    this.#memory = new OptimizerMemory(this.#device, this.params);
    this.#memory.reserve(rule.moments(config));
  }

  /** The momentum of SGD, the first beta of Adam: what a cyclic schedule changes beside the learning rate. */
  abstract get momentum(): number;
  /** Takes effect with the next step. */
  abstract set momentum(value: number);

  /** The settings as they are now. */
  protected get config(): C {
    return this.#config;
  }

  /** Changes settings. Throws `RangeError` for one out of range. */
  protected configure(change: Partial<C>): void {
    const before = this.#config;
    const config = { ...before, ...change };
    this.#rule.check(config);
    tracer?.changeOnce(`${Object.keys(change).join()} of ${this.#rule.name} is set`, () => {
      this.#use(before);
    });
    this.#memory.reserve(this.#rule.moments(config));
    this.#use(config);
  }

  #use(config: C): void {
    this.#config = config;
    const defines = this.#rule.defines(config);
    if (!sameDefines(defines, this.#defines)) this.#defines = defines;
  }

  /** The learning rate, which every step reads anew. Setting it throws `RangeError` unless it is a finite number >= 0. */
  get lr(): number {
    return this.#config.lr;
  }

  /** Takes effect with the next step. Throws `RangeError` unless it is a finite number >= 0. */
  set lr(value: number) {
    this.configure({ lr: value } as Partial<C>);
  }

  /**
   * Updates every parameter that requires a gradient and has one. The gradients can still be read, but are used up: the next `backward()`
   * starts from none, as after `zeroGrad()`.
   * Throws `ShapeError` for a gradient that does not fit its parameter, `DisposedError` when a parameter was freed.
   */
  step(): void {
    const moments = this.#rule.moments(this.#config);
    const defines = this.#defines;
    tracer?.assume(() => this.#defines === defines);
    for (const { first, last, values, grads } of this.#ranges()) {
      tracer?.assume(() => this.#inStep(first, last));
      const views = moments.map((name) => this.#memory.view(name, first, values.size));
      // In vectors of four: every slice is padded to a multiple of 256 bytes.
      const n = Math.ceil(values.size / 4 / ITEM_BYTES);
      const size = n * 4 * ITEM_BYTES;
      launchElements(
        this.#device,
        this.#rule.name,
        this.#rule.kernel,
        n,
        [values, grads, ...views].map((view) => ({ view: { ...view, size } })),
        () => ({ n, ...this.#advance(first, last, defines) }),
        { ...defines, ...vectorOf(4 * n) },
      );
    }
    for (const param of this.params) {
      if (param.gradState.live) param.version.bump();
      param.gradState.use();
    }
    this.#device.endStep(this.#rule.name);
  }

  /** From where parameters and gradients are now, as another optimizer may have moved some. */
  #ranges(): ParamRange[] {
    const ranges: ParamRange[] = [];
    this.params.forEach((param, i) => {
      const grads = gradientOf(this.#rule.name, param, i)?.view;
      if (!grads) return;
      const values = param.view;
      const range = ranges.at(-1);
      const joins =
        range?.last === i - 1 &&
        this.#steps[i] === this.#steps[range.last] &&
        this.#memory.followed(range.last) &&
        adjoins(range.values, values) &&
        adjoins(range.grads, grads);
      if (!joins) ranges.push({ first: i, last: i, values, grads });
      else
        Object.assign(range, {
          last: i,
          values: enclosing(range.values, values),
          grads: enclosing(range.grads, grads),
        });
    });
    return ranges;
  }

  /** Whether the parameters `first` to `last` have taken equally many steps, so that one dispatch can serve them. */
  #inStep(first: number, last: number): boolean {
    const count = this.#steps[first];
    for (let i = first + 1; i <= last; i++) if (this.#steps[i] !== count) return false;
    return true;
  }

  /** Counts a step of the parameters `first` to `last` and gives its uniforms; called at each replay of a captured step. */
  #advance(first: number, last: number, captured: Defines): Params {
    const count = this.#steps[first];
    if (!this.#inStep(first, last) || this.#defines !== captured) {
      throw new Error(
        `${this.#rule.name}: a captured step no longer fits: other settings were switched on or off since, or some ` +
          'parameters took a step without the others. Capture it again',
      );
    }
    const step = this.#rule.moments(this.#config).length > 0 ? count + 1 : count;
    if (tracer) {
      const before = [...this.#steps];
      tracer.undo(() => (this.#steps = before));
    }
    this.#steps.fill(step, first, last + 1);
    return this.#rule.uniforms(this.#config, step);
  }

  /** Drops the gradients: the next `backward()` starts from none. */
  zeroGrad(): void {
    for (const param of this.params) param.gradState.replace(null);
  }

  /** The moments that `config` needs, by their names in the state. */
  #named(config: C): Map<string, Tensor> {
    const names = this.#rule.moments(config);
    this.#memory.reserve(names);
    return new Map(
      this.params.flatMap((_, i) => names.map((name) => [`${i}.${name}`, this.#memory.slice(name, i)] as const)),
    );
  }

  /** What the optimizer needs to go on. The tensors are its own memory: read them before the next step, never dispose them. */
  stateDict(): OptimizerState {
    const { initialLr } = this;
    return {
      state: Object.fromEntries(this.#named(this.#config)),
      config: { optimizer: this.#rule.name, initialLr, steps: [...this.#steps], ...this.#config },
    };
  }

  /**
   * Takes over what `stateDict()` of an optimizer of the same kind gave, learning rate and other settings included.
   * Throws `TypeError`, `RangeError` or `ShapeError` before anything is changed when it does not fit.
   */
  loadStateDict(from: OptimizerState): void {
    const op = `${this.#rule.name}.loadStateDict`;
    tracer?.refuse(`the state of ${this.#rule.name} is loaded`);
    const { state, config } = readState(op, from);
    const { optimizer, initialLr, steps, ...settings } = config;
    if (optimizer !== this.#rule.name) throw new TypeError(`${op}: this is the state of ${String(optimizer)}`);
    if (initialLr !== null) checkNumber(op, 'config.initialLr', Number(initialLr), 0);
    const counts = readSteps(op, steps, this.params.length);
    const next = readConfig(op, settings, this.#config);
    this.#rule.check(next);
    const targets = this.#named(next);
    checkTensors(op, state, targets);

    for (const [name, target] of targets) target.copyFrom(state[name]);
    this.#use(next);
    this.#steps = [...counts];
    this.initialLr = initialLr === null ? null : Number(initialLr);
    this.loads++;
  }

  /** Gives the memory of moments and gradients back; the parameters stay. */
  dispose(): void {
    this.#memory.dispose();
  }
}
