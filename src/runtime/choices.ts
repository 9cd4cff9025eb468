import type { AdapterKind } from '../device/gpu';
import type { Device } from './device';

/** One of several ways to compute the same. */
export interface Variant<Problem> {
  readonly name: string;
  /** Whether it is right for the problem and can run on the device; where it is left out, only what it serves. */
  readonly runs?: (problem: Problem, device: Device) => boolean;
  /** Whether the written table takes it for the problem on this device, given that it takes none before it. */
  readonly serves: (problem: Problem, device: Device) => boolean;
  /**
   * Where it can be fast; default: everywhere. Elsewhere it runs, but is not measured: a driver in software takes up to a minute
   * to compile one kernel with barriers.
   */
  readonly madeFor?: AdapterKind;
}

/** Memory of the right sizes on which variants can be tried. */
export interface Trial<V> {
  readonly launch: (variant: V) => void;
  readonly dispose: () => void;
}

/** A kind of work with its variants: from the special case to the general one, which serves everything and stands last. */
export interface Family<Problem, V extends Variant<Problem>> {
  readonly name: string;
  readonly variants: readonly V[];
  /** All that decides how fast the variants are, as text. */
  readonly shapeOf: (problem: Problem) => string;
  /** For the tuner. Takes its memory, and random numbers to fill it, from `device`. */
  readonly trial: (problem: Problem, device: Device) => Trial<V>;
}

/** Names of variants by kind of work and shape: plain data, to be kept with a run whose bits shall be had again. */
export type ChoiceRecord = Readonly<Record<string, string>>;

/** One kind of work and shape that a device has met. */
export interface Met {
  /** Kind of work and shape. */
  readonly work: string;
  /** The variants that can compute it, by name. */
  readonly names: readonly string[];
  /** Those of them that may be the fastest. */
  readonly contenders: readonly string[];
  /** The one that the written table takes. */
  readonly preset: string;
  /** Tries variants by name. */
  readonly trial: () => Trial<string>;
}

interface Entry extends Met {
  /** The variant in use, and its number in the table. */
  name: string;
  taken: number;
  readonly numberOf: (name: string) => number;
}

/** Whether `variant` can compute `problem`, as the table's choice or not. */
export function canRun<Problem>(variant: Variant<Problem>, problem: Problem, device: Device): boolean {
  return (variant.runs ?? variant.serves)(problem, device);
}

/** The choices in `value`. Throws `TypeError`, naming `source`, when they are none. */
export function readChoices(source: string, value: unknown): ChoiceRecord {
  const valid = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!valid || Object.values(value).some((name) => typeof name !== 'string'))
    throw new TypeError(`${source}: an object with the name of a variant for each shape is wanted`);
  return value as ChoiceRecord;
}

/** Which variant computes what on one device: as was decided (measured, or recorded by an earlier run), else by the table. */
export class Choices {
  readonly #device: Device;
  readonly #decided = new Map<string, string>();
  readonly #met = new Map<string, Entry>();
  #heard: Set<Met> | null = null;

  constructor(device: Device) {
    this.#device = device;
  }

  /** The variant for a problem. Throws where none serves it. */
  choose<Problem, V extends Variant<Problem>>(family: Family<Problem, V>, problem: Problem): V {
    const work = `${family.name} ${family.shapeOf(problem)}`;
    let entry = this.#met.get(work);
    if (!entry) {
      entry = this.#meet(work, family, problem);
      this.#met.set(work, entry);
    }
    this.#heard?.add(entry);
    return family.variants[entry.taken];
  }

  #meet<Problem, V extends Variant<Problem>>(work: string, family: Family<Problem, V>, problem: Problem): Entry {
    const device = this.#device;
    const { kind } = device.info;
    const { variants } = family;
    const able = variants.filter((variant) => canRun(variant, problem, device));
    const preset = able.find((variant) => variant.serves(problem, device));
    if (!preset) throw new Error(`${work}: none of ${variants.map(({ name }) => name).join(', ')} serves this shape`);
    const numberOf = (wanted: string) => variants.findIndex(({ name }) => name === wanted);
    const trial = (): Trial<string> => {
      const { launch, dispose } = family.trial(problem, device);
      return {
        launch: (name) => {
          launch(variants[numberOf(name)]);
        },
        dispose,
      };
    };
    const contenders = able.filter((variant) => variant === preset || (variant.madeFor ?? kind) === kind);
    const [names, measured] = [able, contenders].map((list) => list.map(({ name }) => name));
    const { name } = preset;
    return this.#resolve({ work, names, contenders: measured, preset: name, trial, name, taken: 0, numberOf });
  }

  /** Puts the variant into use that was decided for, where it can run here. */
  #resolve(entry: Entry): Entry {
    const decided = this.#decided.get(entry.work) ?? entry.preset;
    entry.name = entry.names.includes(decided) ? decided : entry.preset;
    entry.taken = entry.numberOf(entry.name);
    return entry;
  }

  /** Runs `fn` (synchronous) and returns what it met. */
  listen(fn: () => void): Met[] {
    const before = this.#heard;
    const heard = (this.#heard = new Set<Met>());
    try {
      fn();
    } finally {
      this.#heard = before;
    }
    return [...heard];
  }

  /** All that was met so far. */
  get met(): readonly Met[] {
    return [...this.#met.values()];
  }

  /** Whether the variant for a shape was measured or recorded. */
  decided(work: string): boolean {
    return this.#decided.has(work);
  }

  /** Takes over decisions. Names of variants that cannot run here are passed over; captured steps are captured anew. */
  adopt(choices: ChoiceRecord): void {
    for (const [work, name] of Object.entries(choices)) this.#decided.set(work, name);
    for (const entry of this.#met.values()) this.#resolve(entry);
    this.#device.layoutVersion++;
  }

  /** What was decided, and what is in use. */
  record(): ChoiceRecord {
    const used = [...this.#met.values()].map(({ work, name }): [string, string] => [work, name]);
    return Object.fromEntries([...this.#decided, ...used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
