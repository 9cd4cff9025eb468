import { checkOptions } from '../device/options';
import { defaultDevice, type Device } from '../runtime/device';
import { Generator } from '../runtime/generator';
import { ArrayDataset } from './arrays';
import type { AnyDataset, FunctionDataset, StreamDataset } from './dataset';
import { assemble, type Assembly, type Make } from './examples';
import type { BatchOf, Fields, Tensors } from './field';
import type { Dataset } from './labelled';
import { labelledBatch } from './labelled-batch';
import type { AnyLoaderOptions, Batch, BatchesOptions, CollateOptions, LoaderOptions } from './loader-options';
import { drop, free, indexedPuller, started, streamPuller, type Puller } from './pull';
import { shuffledOrder } from './shuffle';

/** Batches that the host may prepare ahead of the GPU. */
const AHEAD = 3;

/** The example with this number as `collate` is given it. */
function exampleOf(dataset: Exclude<AnyDataset, StreamDataset<unknown>>, index: number): unknown {
  if (!('inputs' in dataset)) return dataset.example(index);
  const each = dataset.inputs.length / dataset.count;
  return [dataset.inputs.subarray(index * each, (index + 1) * each), dataset.labels[index]];
}

/**
 * Batches of a dataset: each loop over it (`for await`) is one epoch of tuples of tensors, with the examples as their
 * first axis; of a dataset of inputs and labels these are inputs `[N, ...shape]` (float32) and labels `[N]` (int32
 * class indices, or float32 targets). Every batch has tensors of its own, which the loop frees when it asks for the
 * next one, unless they are marked with `keep()`; the tape holds what it needs. Several loops over one loader can run
 * at once. The examples of a function or stream are asked for one batch ahead, so that they are on their way while a
 * batch is used.
 */
export class Loader<B extends Tensors = Batch, D extends AnyDataset = Dataset> implements AsyncIterable<B> {
  readonly device: Device;
  /** Examples in a batch; 1 where each is a batch of its own. */
  readonly batchSize: number;
  /** Number of the next epoch: with the seed it decides the order. */
  epoch = 0;
  readonly #shuffle: boolean;
  readonly #seed: number;
  readonly #dropLast: boolean;
  readonly #assembly: Assembly;
  /** The batches that loops held when they were left early. */
  #left: B[] = [];

  /**
   * Throws `RangeError` for a batch size that is not an integer >= 1, or a bad seed, `TypeError` for a stream that
   * shall be shuffled.
   */
  constructor(
    readonly dataset: D,
    options: AnyLoaderOptions,
  ) {
    checkOptions('loader', options, 'batchSize shuffle seed dropLast device collate');
    const { batchSize, shuffle = false, seed, dropLast = false, device = defaultDevice(), collate } = options;
    if (batchSize !== null && (!Number.isInteger(batchSize) || batchSize < 1))
      throw new RangeError(`loader: expected batchSize to be an integer >= 1, got ${batchSize}`);
    if (shuffle && 'examples' in dataset) {
      throw new TypeError(
        'loader: a stream cannot be shuffled: its function is given the number of the epoch and decides the order',
      );
    }
    this.device = device;
    this.batchSize = batchSize ?? 1;
    this.#shuffle = shuffle;
    this.#seed = new Generator(seed ?? device.generator.seed).seed;
    this.#dropLast = dropLast;
    this.#assembly = { device, whole: batchSize === null, collate: collate as Assembly['collate'] };
  }

  /** Batches in an epoch; Infinity for a stream, whose end is not known. */
  get length(): number {
    const { dataset } = this;
    if ('examples' in dataset) return Infinity;
    const full = dataset.count / this.batchSize;
    return this.#dropLast ? Math.floor(full) : Math.ceil(full);
  }

  /** Shape and dtype of the fields of an example, as far as they are known before the first batch. @internal */
  get layout(): ArrayDataset['layout'] | null {
    const { dataset } = this;
    if (this.#assembly.collate) return null;
    if (dataset instanceof ArrayDataset) return dataset.layout;
    if (!('inputs' in dataset)) return null;
    return [
      { shape: dataset.shape, dtype: 'float32' },
      { shape: [], dtype: dataset.labels instanceof Float32Array ? 'float32' : 'int32' },
    ];
  }

  /**
   * The examples with these numbers, as a batch, which is the caller's to free. Throws `RangeError` for a number that
   * the dataset does not have, `TypeError` for a stream and for examples that come later.
   */
  batch(indices: Uint32Array): B {
    const { dataset } = this;
    if ('examples' in dataset) throw new TypeError('loader: the examples of a stream have no numbers');
    const missing = indices.find((index) => index >= dataset.count);
    if (missing !== undefined) throw new RangeError(`loader: expected inputs below ${dataset.count}, got ${missing}`);
    const make = this.#prepare(indices);
    if (make instanceof Promise)
      throw new TypeError('loader: the examples of this dataset come later; loop over the loader');
    return make() as B;
  }

  #prepare(indices: Uint32Array): Make | Promise<Make> {
    const dataset: AnyDataset = this.dataset;
    const { device, collate } = this.#assembly;
    if ('examples' in dataset) throw new TypeError('loader: a stream');
    if (!collate && 'inputs' in dataset) return labelledBatch(dataset, indices, device);
    if (!collate && dataset instanceof ArrayDataset) return dataset.prepare(indices, device);
    const examples = Array.from(indices, (index) => exampleOf(dataset, index));
    if (!examples.some((example) => example instanceof Promise)) return assemble(examples, this.#assembly);
    return Promise.all(examples).then((all) => assemble(all, this.#assembly));
  }

  /** One epoch. */
  [Symbol.asyncIterator](): AsyncGenerator<B, void, undefined> {
    return this.#loop(() => this.#puller(this.epoch++, this.#shuffle));
  }

  /** The batches in the dataset's own order; not an epoch, so that the order of the next one does not depend on it. */
  inOrder(): AsyncGenerator<B, void, undefined> {
    return this.#loop(() => this.#puller(0, false));
  }

  #puller(epoch: number, shuffle: boolean): Puller {
    const { batchSize, dataset } = this;
    if ('examples' in dataset)
      return streamPuller(dataset, epoch, batchSize, !this.#dropLast, (examples) => assemble(examples, this.#assembly));
    const { count } = dataset;
    const order = shuffle ? shuffledOrder(count, this.#seed, epoch) : Uint32Array.from({ length: count }, (_, i) => i);
    return indexedPuller(order, batchSize, this.length, (indices) => this.#prepare(indices));
  }

  async *#loop(start: () => Puller): AsyncGenerator<B, void, undefined> {
    this.dispose();
    const puller = start();
    // Of arrays the next batch is gathered when it is asked for: the GPU is at work then.
    const ahead = !('inputs' in this.dataset || this.dataset instanceof ArrayDataset);
    let current: B | null = null;
    let next: Promise<Make | null> | null = null;
    try {
      for (;;) {
        if (current) free(current);
        current = null;
        const make = await (next ?? puller.next());
        next = null;
        if (!make) break;
        await this.device.stream.throttle(AHEAD);
        current = make() as B;
        if (ahead) next = started(puller);
        yield current;
      }
    } finally {
      if (current) this.#left.push(current);
      if (next) void drop(next, puller);
      else await puller.end?.();
    }
  }

  /** Frees the batch of a loop that was left early, as the next loop does by itself. */
  dispose(): void {
    for (const batch of this.#left) free(batch);
    this.#left = [];
  }
}

/** Batches of `dataset`, a tensor for each field; see `Loader`. */
export function loader<const F extends Fields>(
  dataset: Dataset,
  options: CollateOptions<[input: Uint8Array | Float32Array, label: number], F>,
): Loader<BatchOf<F>>;
export function loader<E, const F extends Fields>(
  dataset: ArrayDataset<Tensors, E> | FunctionDataset<E> | StreamDataset<E>,
  options: CollateOptions<E, F>,
): Loader<BatchOf<F>, AnyDataset>;
export function loader<L extends 'float32' | 'int32'>(
  dataset: Dataset<L>,
  options: LoaderOptions,
): Loader<Batch<L>, Dataset<L>>;
export function loader<B extends Tensors>(dataset: ArrayDataset<B>, options: LoaderOptions): Loader<B, ArrayDataset<B>>;
export function loader<E>(
  dataset: FunctionDataset<E> | StreamDataset<E>,
  options: LoaderOptions | BatchesOptions,
): Loader<BatchOf<E>, FunctionDataset<E> | StreamDataset<E>>;
export function loader(dataset: AnyDataset, options: AnyLoaderOptions): AsyncIterable<unknown> {
  return new Loader(dataset, options);
}
