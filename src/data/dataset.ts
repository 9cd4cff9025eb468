import { checkOptions } from '../device/options';
import { describeValue } from '../tensor/describe';
import type { TypedArray } from '../tensor/dtype';
import { Tensor } from '../tensor/tensor';
import { arrayDataset, ArrayDataset } from './arrays';
import type { BatchOf, Fields } from './field';
import { labelledDataset, labelledRange, labelledRows, type Dataset, type DatasetInit } from './labelled';

/** Examples of an epoch, one after the other. */
export type Examples<E> = Iterable<E> | AsyncIterable<E>;

/** Examples that are made when they are asked for. Made by `dataset()`. */
export interface FunctionDataset<E> {
  /** Number of examples. */
  readonly count: number;
  /** Makes the example with this number, from 0. */
  readonly example: (index: number) => E | Promise<E>;
}

/** Examples that come one after the other. Made by `dataset()`. */
export interface StreamDataset<E> {
  /** Starts an epoch, counted from 0. */
  readonly examples: (epoch: number) => Examples<E> | Promise<Examples<E>>;
}

/** A dataset whose examples have numbers. */
export type IndexedDataset = Dataset | ArrayDataset | FunctionDataset<unknown>;

/** What a loader takes. */
export type AnyDataset = IndexedDataset | StreamDataset<unknown>;

/**
 * Inputs with a label each: the data of a classifier, or of a regression with one target. Throws `ShapeError` for a
 * shape without elements, `TypeError` for data that is not numbers, and `RangeError` when inputs and labels differ in
 * number, there are none, a label is negative or not below `classes`, or a number does not fit in float32 or int32.
 */
export function dataset(init: DatasetInit & { labels: Float32Array | Float64Array }): Dataset<'float32'>;
export function dataset(init: DatasetInit): Dataset<'int32'>;
/**
 * `count` examples that `example`, synchronous or not, makes of their numbers (from 0): an array of fields, or anything
 * that a loader's `collate` takes. Those of a batch are asked for at once, while the batch before it is used.
 */
export function dataset<const E>(init: FunctionDataset<E>): FunctionDataset<E>;
/**
 * Examples from a generator, an async generator or any function, sync or async, that returns something to loop over. It
 * is called for each epoch, with the epoch's number (from 0), and need not know how many examples there will be.
 * Tensors among the fields of an example are freed once they are in a batch, unless they are marked with `keep()`.
 */
export function dataset<const E>(source: StreamDataset<E>['examples']): StreamDataset<E>;
/**
 * Any number of fields of any dtype and shape whose first axis counts the examples: typed or nested arrays, tensors
 * (which stay on the GPU and the caller's to free), or `{ data, shape, dtype }`, `shape` being that of one example. The
 * batches hold a tensor for each of them, whose dtype is that of `tensor()`. Throws `RangeError` when they differ in
 * number or there are none, `ShapeError` for a field without an axis of examples, and what `tensor()` throws.
 */
export function dataset<const F extends Fields>(
  ...fields: F
): ArrayDataset<BatchOf<F>, { -readonly [K in keyof F]: TypedArray }>;
export function dataset(...args: readonly unknown[]): AnyDataset {
  const [first] = args;
  if (args.length === 1) {
    if (typeof first === 'function') return { examples: first as StreamDataset<unknown>['examples'] };
    if (isLoop(first)) {
      throw new TypeError(
        'dataset: expected arrays, tensors or a function that starts an epoch, got what can be looped over, perhaps ' +
          'only once; write dataset(() => …), or give the generator function itself',
      );
    }
    if (isOptions(first)) return isByFunction(first) ? functionDataset(first) : labelledDataset(first);
  }
  return arrayDataset(args);
}

const isLoop = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

/** Whether `value` is options and no field. */
const isOptions = (value: unknown): value is DatasetInit & FunctionDataset<unknown> =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Tensor) &&
    !('data' in value));

const isByFunction = (init: object | null | undefined): boolean =>
  Boolean(init && ('example' in init || 'count' in init));

function functionDataset(init: FunctionDataset<unknown>): FunctionDataset<unknown> {
  checkOptions('dataset', init, 'count example');
  const { count, example } = init;
  if (!(Number.isSafeInteger(count) && count >= 1))
    throw new RangeError(`dataset: expected count to be an integer >= 1, got ${String(count)}`);
  if (typeof example !== 'function')
    throw new TypeError(`dataset: expected example to be a function of an index, got ${describeValue(example)}`);
  return { count, example };
}

/** Throws `RangeError` for an index that is not an integer in [0, count), or where there are none. */
function checkedIndices(indices: ArrayLike<number>, count: number): Uint32Array {
  if (indices.length === 0) throw new RangeError('subset: expected at least 1 index, got 0');
  return Uint32Array.from(indices, (index, i) => {
    if (Number.isInteger(index) && index >= 0 && index < count) return index;
    throw new RangeError(`subset: expected indices from 0 to ${count - 1}, got ${String(index)} at ${i}`);
  });
}

/** The indices that `Array.slice(start, end)` would pick. */
const range = (count: number, start: number, end: number): number[] =>
  Array.from({ length: count }, (_, i) => i).slice(start, end);

/**
 * The examples `start` to `end` (excluded) of a dataset, on the same memory. Throws `RangeError` when there are none.
 */
export function subset<D extends IndexedDataset>(source: D, start: number, end: number): D;
/**
 * The examples with these numbers, in this order; one may come more than once. On the same memory, except for what was
 * made by `dataset({ inputs, shape, labels })`, which is copied. Throws `RangeError` when there are none, or for one
 * that the dataset does not have.
 */
export function subset<D extends IndexedDataset>(source: D, indices: ArrayLike<number>): D;
export function subset(source: AnyDataset, first: number | ArrayLike<number>, end = Infinity): IndexedDataset {
  if ('examples' in source)
    throw new TypeError('subset: examples of a stream have no numbers; leave some out in its function');
  if ('inputs' in source && typeof first === 'number') return labelledRange(source, first, end);
  const indices = checkedIndices(typeof first === 'number' ? range(source.count, first, end) : first, source.count);
  if ('inputs' in source) return labelledRows(source, indices);
  if (source instanceof ArrayDataset) return source.select(indices);
  const { example } = source;
  return { count: indices.length, example: (index) => example(indices[index]) };
}
