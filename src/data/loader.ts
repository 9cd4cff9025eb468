import { checkOptions } from '../device/options';
import { defaultDevice, type Device } from '../runtime/device';
import { Generator } from '../runtime/generator';
import { elementKernel, launchElements } from '../runtime/kernels/element-kernel';
import { philox4 } from '../tensor/philox';
import { sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Dataset } from './dataset';

const UNPACK = elementKernel('unpack_bytes', () => import('./shaders.lazy'));

/** Batches that the host may prepare ahead of the GPU. */
const AHEAD = 3;

/** Options of `loader()`. */
export interface LoaderOptions {
  batchSize: number;
  /** A new order each epoch, from the seed and the epoch's number; default false. */
  shuffle?: boolean;
  /** Default: the device's seed. */
  seed?: number;
  /** Leaves out a last batch that is not full; default false. */
  dropLast?: boolean;
  device?: Device;
}

/** Inputs `[N, ...shape]` and their labels `[N]`. */
export type Batch = [inputs: Tensor, labels: Tensor];

function free(batch: Batch): void {
  for (const tensor of batch) if (!tensor.kept) tensor.dispose();
}

/** 0 … count-1 in the order of an epoch: Fisher and Yates's shuffle on Philox numbers. */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const [high, low] = philox4([i, epoch, 2, 0], [seed >>> 0, Math.floor(seed / 2 ** 32)]);
    // 53 random bits, so that the modulo's bias is below 1e-6 for any count that fits in memory.
    const j = Math.floor(((high * 2 ** 21 + (low >>> 11)) / 2 ** 53) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * Batches of a dataset: each loop over it (`for await`) is one epoch of pairs of inputs `[N, ...shape]` (float32) and labels `[N]`
 * (int32 class indices, or float32 targets). Every batch has tensors of its own, which the loop frees when it asks for the next
 * one, unless they are marked with `keep()`; the tape holds what it needs. Several loops over one loader can run at once.
 */
export class Loader implements AsyncIterable<Batch> {
  readonly device: Device;
  readonly batchSize: number;
  /** Number of the next epoch: with the seed it decides the order. */
  epoch = 0;
  readonly #shuffle: boolean;
  readonly #seed: number;
  readonly #dropLast: boolean;
  /** The batches that loops held when they were left early. */
  #left: Batch[] = [];

  /** Throws `RangeError` for a batch size that is not an integer >= 1, or a bad seed. */
  constructor(
    readonly dataset: Dataset,
    options: LoaderOptions,
  ) {
    checkOptions('loader', options, 'batchSize shuffle seed dropLast device');
    const { batchSize, shuffle = false, seed, dropLast = false, device = defaultDevice() } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new RangeError(`loader: expected batchSize to be an integer >= 1, got ${batchSize}`);
    this.device = device;
    this.batchSize = batchSize;
    this.#shuffle = shuffle;
    this.#seed = new Generator(seed ?? device.generator.seed).seed;
    this.#dropLast = dropLast;
  }

  /** Batches in an epoch. */
  get length(): number {
    const full = this.dataset.count / this.batchSize;
    return this.#dropLast ? Math.floor(full) : Math.ceil(full);
  }

  /**
   * The inputs and labels with these numbers, as a batch, which is the caller's to free. Throws `RangeError` for a number that the
   * dataset does not have.
   */
  batch(indices: Uint32Array): Batch {
    const { labels, shape, count } = this.dataset;
    const missing = indices.find((index) => index >= count);
    if (missing !== undefined) throw new RangeError(`loader: expected inputs below ${count}, got ${missing}`);
    const { device } = this;
    const real = labels instanceof Float32Array;
    const inputs = Tensor.empty([indices.length, ...shape], 'float32', device, 'loader');
    const targets = Tensor.empty([indices.length], real ? 'float32' : 'int32', device, 'loader');
    this.#writeInputs(inputs, indices);
    const values = real ? new Float32Array(targets.size) : new Int32Array(targets.size);
    indices.forEach((index, row) => {
      values[row] = labels[index];
    });
    targets.write(values);
    return [inputs, targets];
  }

  #writeInputs(target: Tensor, indices: Uint32Array): void {
    const { inputs, shape, mean, std } = this.dataset;
    const each = sizeOf(shape);
    const gather = (into: Uint8Array | Float32Array) => {
      indices.forEach((index, row) => {
        into.set(inputs.subarray(index * each, (index + 1) * each), row * each);
      });
    };
    if (inputs instanceof Float32Array) {
      const floats = new Float32Array(target.size);
      gather(floats);
      if (mean !== 0 || std !== 1) for (let i = 0; i < floats.length; i++) floats[i] = (floats[i] - mean) / std;
      target.write(floats);
      return;
    }
    const packed = Tensor.empty([Math.ceil(target.size / 4)], 'uint32', this.device, 'loader');
    const bytes = new Uint8Array(packed.size * 4);
    gather(bytes);
    packed.write(new Uint32Array(bytes.buffer));
    const params = { n: target.size, scale: 1 / (255 * std), shift: -mean / std };
    launchElements(this.device, 'loader', UNPACK, packed.size, [packed, target], params);
    packed.dispose();
  }

  /** One epoch. */
  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    return this.#loop(() => {
      const epoch = this.epoch++;
      return this.#shuffle ? shuffledOrder(this.dataset.count, this.#seed, epoch) : this.#unshuffled();
    });
  }

  /** The batches in the dataset's own order; not an epoch, so that the order of the next one does not depend on it. */
  inOrder(): AsyncGenerator<Batch, void, undefined> {
    return this.#loop(() => this.#unshuffled());
  }

  #unshuffled(): Uint32Array {
    return Uint32Array.from({ length: this.dataset.count }, (_, i) => i);
  }

  async *#loop(orderOf: () => Uint32Array): AsyncGenerator<Batch, void, undefined> {
    this.dispose();
    const order = orderOf();
    let current: Batch | null = null;
    try {
      for (let i = 0; i < this.length; i++) {
        if (current) free(current);
        current = null;
        await this.device.stream.throttle(AHEAD);
        current = this.batch(order.subarray(i * this.batchSize, (i + 1) * this.batchSize));
        yield current;
      }
      if (current) free(current);
      current = null;
    } finally {
      if (current) this.#left.push(current);
    }
  }

  /** Frees the batch of a loop that was left early, as the next loop does by itself. */
  dispose(): void {
    for (const batch of this.#left) free(batch);
    this.#left = [];
  }
}

/** Batches of `dataset`; see `Loader`. */
export function loader(dataset: Dataset, options: LoaderOptions): Loader {
  return new Loader(dataset, options);
}
