import type { Device } from '../runtime/device';
import type { DType } from '../tensor/dtype';
import type { Tensor } from '../tensor/tensor';
import type { Fields } from './field';

/** Options of `loader()`. */
export interface LoaderOptions {
  batchSize: number;
  /** A new order each epoch, from the seed and the epoch's number; default false. Of a stream it has to be false. */
  shuffle?: boolean;
  /** Default: the device's seed. */
  seed?: number;
  /** Leaves out a last batch that is not full; default false. */
  dropLast?: boolean;
  device?: Device;
}

/** Options of `loader()` for examples that do not become a batch by being put side by side. */
export interface CollateOptions<E, F extends Fields> extends LoaderOptions {
  /**
   * Makes of the examples of a batch its fields, each of which is all of a tensor: numbers, a tensor, or `{ data,
   * shape, dtype }`.
   */
  collate: (examples: E[]) => F | Promise<F>;
}

/** Options of `loader()` for a dataset whose examples are whole batches. */
export interface BatchesOptions extends Omit<LoaderOptions, 'batchSize' | 'dropLast'> {
  batchSize: null;
}

/** Inputs `[N, ...shape]` and their labels `[N]`. */
export type Batch<L extends DType = DType> = [inputs: Tensor, labels: Tensor<L>];

/** The options of all kinds of datasets. */
export interface AnyLoaderOptions extends Omit<LoaderOptions, 'batchSize'> {
  batchSize: number | null;
  /** Makes a batch of its examples. */
  collate?: ((examples: never[]) => unknown) | undefined;
}
