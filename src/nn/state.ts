import type { DType } from '../tensor/dtype';
import { formatShape, sameShape } from '../tensor/shape';
import type { StateDict } from '../tensor/state-dict';
import { Tensor } from '../tensor/tensor';

/** Options of `Module.loadStateDict()`. */
export interface LoadStateDictOptions {
  /** Whether names that only one side has are an error; default true. */
  strict?: boolean;
}

/** Options of `Module.numParameters()`. */
export interface NumParametersOptions {
  /** true: only parameters that are trained; false: only frozen ones; default: all. */
  trainable?: boolean;
}

/** A state dict that does not fit the module it is loaded into; the message lists every name at fault. */
export class StateDictError extends Error {
  override readonly name = 'StateDictError';
}

/** The names that only one side of `loadStateDict()` has. */
export interface LoadResult {
  /** Names of the module that the dict lacks. */
  readonly missing: readonly string[];
  /** Names of the dict that the module lacks. */
  readonly unexpected: readonly string[];
}

const describe = ({ dtype, shape }: Tensor<DType>): string => `${dtype} ${formatShape(shape)}`;
const kindOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? value.constructor.name : String(value);
const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

function mismatch(name: string, target: Tensor, source: unknown): string[] {
  if (!(source instanceof Tensor)) return [`"${name}" is not a tensor`];
  if (source.disposed) return [`"${name}" was freed`];
  if (!sameShape(source.shape, target.shape) || source.dtype !== target.dtype)
    return [`"${name}" is ${describe(source)}, the module has ${describe(target)}`];
  if (source.device !== target.device) return [`"${name}" is on another device`];
  return [];
}

/**
 * Overwrites the tensors of `own` with those of `dict`. A counter of batches that `dict` lacks keeps its value, as in PyTorch, whose
 * state dicts did not always have it. Throws `StateDictError` before anything is written.
 */
export function loadState(title: string, own: StateDict, dict: StateDict<DType>, strict: boolean): LoadResult {
  const given: unknown = dict;
  if (
    typeof given !== 'object' ||
    given === null ||
    Array.isArray(given) ||
    given instanceof Tensor ||
    given instanceof Map
  ) {
    throw new TypeError(`loadStateDict: ${title}: expected an object of tensors by name, got ${kindOf(given)}`);
  }
  const unexpected = Object.keys(dict).filter((name) => !Object.hasOwn(own, name));
  const shared = Object.keys(own).filter((name) => Object.hasOwn(dict, name));
  // One name of a tensor that has two is enough.
  const found = new Set(shared.map((name) => own[name]));
  const missing = Object.keys(own).filter((name) => !found.has(own[name]) && !/(^|\.)num_batches_tracked$/.test(name));
  const problems = shared.flatMap((name) => mismatch(name, own[name], dict[name]));
  if (strict && unexpected.length > 0) problems.unshift(`unexpected: ${listed(unexpected)}`);
  if (strict && missing.length > 0) problems.unshift(`missing: ${listed(missing)}`);
  if (problems.length > 0) throw new StateDictError(`loadStateDict: ${title}: ${problems.join('; ')}`);
  for (const name of shared) (own as StateDict<DType>)[name].copyFrom(dict[name]);
  return { missing, unexpected };
}
