import type { AdapterInfo } from '../device/gpu';
import { isSupported, type Trial, type Variant, type VariantRecord, type VariantTable } from './variant';

/** A problem that the device has been asked to compute. */
export interface SeenProblem {
  /** The table's name and the shape. */
  readonly key: string;
  /** Names of the variants that are correct for it and run on the adapter. */
  readonly supported: readonly string[];
  /** Names of those that may be the fastest here. */
  readonly candidates: readonly string[];
  /** Name of the variant that the written table picks. */
  readonly defaultVariant: string;
  /** Times variants by name. */
  readonly trial: () => Trial<string>;
}

interface Entry extends SeenProblem {
  /**
   * Name and table index of the variant in use.
   * @internal
   */
  selected: string;
  index: number;
  readonly indexOf: (name: string) => number;
}

/**
 * Selects the variant for each problem on one device: as loaded (measured, or recorded by an earlier run), else by the
 * table.
 */
export class VariantSelection<Context> {
  readonly #adapter: AdapterInfo;
  readonly #context: Context;
  readonly #onChange: () => void;
  readonly #loaded = new Map<string, string>();
  readonly #seen = new Map<string, Entry>();
  #observed: Set<SeenProblem> | null = null;

  /**
   * `onChange` is called when another variant may be selected for a problem that was seen before.
   * @internal
   */
  constructor(adapter: AdapterInfo, context: Context, onChange: () => void) {
    this.#adapter = adapter;
    this.#context = context;
    this.#onChange = onChange;
  }

  /**
   * The variant for a problem. Throws where none is preferred.
   * @internal
   */
  select<Problem, V extends Variant<Problem>>(table: VariantTable<Problem, V, Context>, problem: Problem): V {
    const key = `${table.name} ${table.shapeKey(problem)}`;
    let entry = this.#seen.get(key);
    if (!entry) {
      entry = this.#enter(key, table, problem);
      this.#seen.set(key, entry);
    }
    this.#observed?.add(entry);
    return table.variants[entry.index];
  }

  #enter<Problem, V extends Variant<Problem>>(
    key: string,
    table: VariantTable<Problem, V, Context>,
    problem: Problem,
  ): Entry {
    const adapter = this.#adapter;
    const { variants } = table;
    const supported = variants.filter((variant) => isSupported(variant, problem, adapter));
    const standard = supported.find(({ preferred }) => preferred(problem, adapter));
    if (!standard)
      throw new Error(
        `${key}: expected one of ${variants.map(({ name }) => name).join(', ')} to be preferred, got none`,
      );
    const indexOf = (variant: string) => variants.findIndex(({ name }) => name === variant);
    const trial = (): Trial<string> => {
      const { launch, dispose } = table.trial(problem, this.#context);
      return {
        launch: (name) => {
          launch(variants[indexOf(name)]);
        },
        dispose,
      };
    };
    const candidates = supported.filter(
      (variant) => variant === standard || (variant.fastOn ?? adapter.kind) === adapter.kind,
    );
    return this.#resolve({
      key,
      supported: supported.map(({ name }) => name),
      candidates: candidates.map(({ name }) => name),
      defaultVariant: standard.name,
      trial,
      selected: standard.name,
      index: 0,
      indexOf,
    });
  }

  /** Selects the loaded variant, where there is one that can run here. */
  #resolve(entry: Entry): Entry {
    const loaded = this.#loaded.get(entry.key) ?? entry.defaultVariant;
    entry.selected = entry.supported.includes(loaded) ? loaded : entry.defaultVariant;
    entry.index = entry.indexOf(entry.selected);
    return entry;
  }

  /**
   * Runs `fn` (synchronous) and returns the problems for which it selected a variant.
   * @internal
   */
  observe(fn: () => void): SeenProblem[] {
    const before = this.#observed;
    const observed = (this.#observed = new Set<SeenProblem>());
    try {
      fn();
    } finally {
      this.#observed = before;
    }
    return [...observed];
  }

  /**
   * All problems that the device has been asked to compute.
   * @internal
   */
  get seen(): readonly SeenProblem[] {
    return [...this.#seen.values()];
  }

  /**
   * Whether the variant for a problem was measured or recorded.
   * @internal
   */
  isLoaded(key: string): boolean {
    return this.#loaded.has(key);
  }

  /**
   * Selects the variants of `record` from now on. Variants that cannot run here are ignored; captured steps are
   * captured again.
   */
  load(record: VariantRecord): void {
    for (const [key, name] of Object.entries(record)) this.#loaded.set(key, name);
    for (const entry of this.#seen.values()) this.#resolve(entry);
    this.#onChange();
  }

  /** All variants that were loaded or selected. */
  record(): VariantRecord {
    const used = [...this.#seen.values()].map(({ key, selected }): [string, string] => [key, selected]);
    return Object.fromEntries([...this.#loaded, ...used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
