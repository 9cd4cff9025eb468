import type { Device } from '../runtime/device';
import type { BufferPool } from '../runtime/memory/buffer-pool';
import { CaptureError } from '../tensor/errors';
import { STEP_ENDED } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { owners, traced, type GradAccess, type Tracer } from '../tensor/tracer';
import type { Version } from '../tensor/memory/version';
import { GradientState } from './gradient-state';

/** A property that was read, with its value. */
export interface Setting {
  readonly owner: Readonly<Record<string, unknown>>;
  readonly key: string;
  readonly value: unknown;
}

/** A property that the function itself changes; `set` changes it unnoticed. */
export interface Change {
  readonly owner: object;
  readonly key: string;
  readonly before: unknown;
  readonly set: (value: unknown) => void;
}

const byKey = (owner: object): Readonly<Record<string, unknown>> => owner as Readonly<Record<string, unknown>>;

const get = (owner: object, key: string): unknown => byKey(owner)[key];

function described(tensor: Tensor): string {
  const name = tensor.name && `'${tensor.name}' `;
  return `tensor ${name}of shape ${formatShape(tensor.shape)}`;
}

/** Runs a function so that all that it changes on the host can be put back, and notes what it depends on. */
export class Session implements Tracer {
  /** Every tensor that the function made. */
  readonly made = new Set<Tensor>();
  /** The tensors from outside that it used. */
  readonly used = new Set<Tensor>();
  readonly settings: Setting[] = [];
  readonly conditions: (() => boolean)[] = [];
  readonly gradients = new Map<Tensor, GradientState>();
  readonly changes: Change[] = [];
  /** What it wrote to, with the number of writes before. */
  readonly writes = new Map<Version, number>();
  readonly #name: 'capture' | 'tune';
  readonly #device: Device;
  readonly #inputs: ReadonlyMap<Tensor, Tensor>;
  readonly #copies: BufferPool;
  readonly #undo: (() => void)[] = [];
  readonly #noted = new Map<object, Set<string>>();
  #failure: Error | null = null;
  readonly #random: { readonly seed: number; readonly offset: number };

  /**
   * `inputs` are what the function sees of its arguments, with the tensors that they stand for; `copies` is memory of its own for
   * the gradients that it finds.
   */
  constructor(
    name: 'capture' | 'tune',
    device: Device,
    inputs: ReadonlyMap<Tensor, Tensor> = new Map(),
    copies: BufferPool = device.pool.forkDry(),
  ) {
    this.#name = name;
    this.#device = device;
    this.#inputs = inputs;
    this.#copies = copies;
    const { seed, offset } = device.generator;
    this.#random = { seed, offset };
  }

  /** Runs `fn` (synchronous); it can be called again and goes on. */
  run<T>(fn: () => T): T {
    return traced(this, fn);
  }

  /** Puts back what was changed on the host, and frees what was made. */
  rollBack(): void {
    traced(null, () => {
      for (const restore of this.#undo.splice(0).reverse()) restore();
      for (const { set, before } of this.changes) set(before);
      for (const state of this.gradients.values()) state.rollBack();
      for (const [version, count] of this.writes) version.restore(count);
      for (const tensor of this.made) tensor.free(STEP_ENDED);
      Object.assign(this.#device.generator, this.#random);
    });
  }

  /**
   * The function's work is kept: random numbers and counts stay drawn and counted. Its gradients go back to what they were, for the
   * run to set them, and `results` and gradients are freed: the run hands out others.
   */
  settle(results: readonly Tensor[]): void {
    traced(null, () => {
      const gradients = [...this.gradients.values()].flatMap(({ inside: { grad } }) => grad ?? []);
      for (const state of this.gradients.values()) state.rollBack();
      for (const [version, count] of this.writes) version.restore(count);
      for (const { set, before } of this.changes) set(before);
      for (const tensor of [...gradients, ...results]) if (this.made.has(tensor)) tensor.free(STEP_ENDED);
    });
  }

  /** Throws what was thrown to the function, in case it caught it. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  make(tensor: Tensor): void {
    this.made.add(tensor);
  }

  use(tensor: Tensor): void {
    if (this.made.has(tensor) || this.used.has(tensor) || this.#inputs.has(tensor)) return;
    if (tensor.device !== this.#device) {
      this.#failure ??= new CaptureError(
        `${this.#name}: the function uses a ${described(tensor)} on another device than its inputs; ` +
          'without inputs it runs on the default device',
      );
      throw this.#failure;
    }
    this.used.add(tensor);
    const owner = owners.get(tensor);
    if (owner) this.read(owner);
  }

  dispose(tensor: Tensor): void {
    if (!this.made.has(tensor)) this.refuse(`a ${described(tensor)} that was made outside is disposed`);
  }

  write(version: Version): void {
    if (!this.writes.has(version)) this.writes.set(version, version.count);
  }

  gradient(leaf: Tensor, access: GradAccess): void {
    if (this.made.has(leaf)) return;
    traced(null, () => {
      let state = this.gradients.get(leaf);
      if (!state) {
        state = new GradientState(leaf, this.#inputs.get(leaf) ?? leaf, this.#copies);
        this.gradients.set(leaf, state);
      }
      const standIn = state.access(access);
      if (standIn) this.made.add(standIn);
    });
  }

  differentiate(tensor: Tensor): void {
    if (!this.made.has(tensor))
      this.refuse(`backward() goes on through a ${described(tensor)} that was computed outside`);
  }

  read(owner: object, keys: readonly string[] = Object.keys(owner)): void {
    if (owner instanceof Tensor && (this.made.has(owner as Tensor) || this.#inputs.has(owner as Tensor))) return;
    let noted = this.#noted.get(owner);
    if (!noted) this.#noted.set(owner, (noted = new Set()));
    for (const key of keys) {
      if (noted.has(key)) continue;
      noted.add(key);
      this.settings.push({ owner: byKey(owner), key, value: traced(null, () => get(owner, key)) });
    }
  }

  assume(holds: () => boolean): void {
    this.conditions.push(holds);
  }

  change(owner: object, key: string, set: (value: unknown) => void): void {
    if (owner instanceof Tensor && this.made.has(owner as Tensor)) return;
    if (this.changes.some((change) => change.owner === owner && change.key === key)) return;
    this.changes.push({ owner, key, set, before: traced(null, () => get(owner, key)) });
    // From here on it is the function's own.
    const noted = this.#noted.get(owner);
    if (noted) noted.add(key);
    else this.#noted.set(owner, new Set([key]));
  }

  undo(restore: () => void): void {
    this.#undo.push(restore);
  }

  changeOnce(what: string, restore: () => void): void {
    if (this.#name === 'capture') this.refuse(what);
    this.undo(restore);
  }

  refuse(what: string): void {
    const why = this.#name === 'capture' ? 'a replay would not repeat it' : 'nothing is computed';
    this.#failure ??= new CaptureError(`${this.#name}: ${what} inside the function, where ${why}; do it outside`);
    throw this.#failure;
  }
}
