import type { AdapterInfo, AdapterKind } from '../device/gpu';

/** One of several kernels that compute the same result. */
export interface Variant<Problem> {
  readonly name: string;
  /** Whether the variant is correct for the problem and can run on the adapter. Default: where it is `preferred`. */
  readonly supports?: (problem: Problem, adapter: AdapterInfo) => boolean;
  /**
   * Whether the written table picks the variant for the problem, given that it picks none of the variants before it.
   */
  readonly preferred: (problem: Problem, adapter: AdapterInfo) => boolean;
  /**
   * The kind of adapter on which the variant can be fast; default: any. On the other kind it is correct but never
   * measured: a software driver can take a minute to compile one kernel with barriers.
   */
  readonly fastOn?: AdapterKind;
}

/** Whether `variant` can compute `problem` on the adapter, as the default or not. */
export function isSupported<Problem>(
  { supports, preferred }: Variant<Problem>,
  problem: Problem,
  adapter: AdapterInfo,
): boolean {
  return (supports ?? preferred)(problem, adapter);
}

/** Buffers of the right sizes on which the variants of a table can be timed. */
export interface Trial<V> {
  readonly launch: (variant: V) => void;
  readonly dispose: () => void;
}

/**
 * The variants for one kind of work, from the most special to the general one, which supports everything and comes
 * last. `Context` is what a trial allocates its buffers from: the device.
 */
export interface VariantTable<Problem, V extends Variant<Problem>, Context> {
  readonly name: string;
  readonly variants: readonly V[];
  /** Everything that decides how fast the variants are, as text. */
  readonly shapeKey: (problem: Problem) => string;
  /** For the tuner. Allocates its buffers, and the random numbers that fill them, from `context`. */
  readonly trial: (problem: Problem, context: Context) => Trial<V>;
}

/**
 * The variant used for each problem, both by name: plain data, to be stored with a run whose bits must be reproducible.
 */
export type VariantRecord = Readonly<Record<string, string>>;

/** `value` as a record. Throws a `TypeError` that begins with `source` when it is not one. */
export function readVariantRecord(source: string, value: unknown): VariantRecord {
  const valid = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!valid || Object.values(value).some((name) => typeof name !== 'string'))
    throw new TypeError(`${source}: expected an object with the name of a variant for each problem`);
  return value as VariantRecord;
}
