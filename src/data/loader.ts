import { defaultDevice, type Device } from '../runtime/device';
import { Generator } from '../runtime/generator';
import { elementKernel, launchElements } from '../runtime/kernels/element-kernel';
import { philox4 } from '../tensor/philox';
import { keep } from '../tensor/scope';
import { sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Dataset } from './dataset';

const UNPACK = elementKernel('unpack_bytes', () => import('./shaders.lazy'));

/** Batches that the host may prepare ahead of the GPU. */
const AHEAD = 3;

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

/** The memory of one batch size: written again for each batch. */
interface Slot {
  readonly packed: Tensor | null;
  readonly inputs: Tensor;
  readonly labels: Tensor;
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
 * Batches of a dataset: each pass over it (`for await`) is one epoch of pairs of inputs `[N, ...shape]` and labels `[N]`
 * (int32). The two tensors are the loader's own and hold the next batch after the next turn of the loop.
 */
export class Loader implements AsyncIterable<[inputs: Tensor, labels: Tensor]> {
  readonly device: Device;
  readonly batchSize: number;
  /** Number of the next epoch: with the seed it decides the order. */
  epoch = 0;
  readonly #shuffle: boolean;
  readonly #seed: number;
  readonly #dropLast: boolean;
  readonly #slots = new Map<number, Slot>();

  /** Throws `RangeError` for a batch size that is not an integer >= 1, or a bad seed. */
  constructor(
    readonly dataset: Dataset,
    { batchSize, shuffle = false, seed, dropLast = false, device = defaultDevice() }: LoaderOptions,
  ) {
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new RangeError(`loader: batchSize must be an integer >= 1, got ${batchSize}`);
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

  #slot(count: number): Slot {
    let slot = this.#slots.get(count);
    if (!slot) {
      const { inputs, shape } = this.dataset;
      const bytes = inputs instanceof Uint8Array;
      slot = {
        packed: bytes
          ? keep(Tensor.empty([Math.ceil((count * sizeOf(shape)) / 4)], 'uint32', this.device, 'loader'))
          : null,
        inputs: keep(Tensor.empty([count, ...shape], 'float32', this.device, 'loader')),
        labels: keep(Tensor.empty([count], 'int32', this.device, 'loader')),
      };
      this.#slots.set(count, slot);
    }
    return slot;
  }

  /** The inputs and labels with these numbers, as a batch. Throws `RangeError` for a number that the dataset does not have. */
  batch(indices: Uint32Array): [inputs: Tensor, labels: Tensor] {
    const { inputs, labels, shape, mean, std, count } = this.dataset;
    const missing = indices.find((index) => index >= count);
    if (missing !== undefined) throw new RangeError(`loader: input ${missing} is wanted, the dataset has ${count}`);
    const each = sizeOf(shape);
    const slot = this.#slot(indices.length);
    const part = (i: number) => inputs.subarray(i * each, (i + 1) * each);
    if (slot.packed) {
      const bytes = new Uint8Array(slot.packed.size * 4);
      indices.forEach((index, row) => {
        bytes.set(part(index), row * each);
      });
      slot.packed.write(new Uint32Array(bytes.buffer));
      const params = { n: slot.inputs.size, scale: 1 / (255 * std), shift: -mean / std };
      launchElements(this.device, 'loader', UNPACK, slot.packed.size, [slot.packed, slot.inputs], params);
      slot.inputs.version.bump();
    } else {
      const floats = new Float32Array(indices.length * each);
      indices.forEach((index, row) => {
        floats.set(part(index), row * each);
      });
      slot.inputs.write(floats);
    }
    slot.labels.write(Int32Array.from(indices, (index) => labels[index]));
    return [slot.inputs, slot.labels];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<[inputs: Tensor, labels: Tensor], void, undefined> {
    const { count } = this.dataset;
    const epoch = this.epoch++;
    const order = this.#shuffle
      ? shuffledOrder(count, this.#seed, epoch)
      : Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < this.length; i++) {
      await this.device.stream.throttle(AHEAD);
      yield this.batch(order.subarray(i * this.batchSize, Math.min((i + 1) * this.batchSize, count)));
    }
  }

  /** Gives the batches' memory back. */
  dispose(): void {
    for (const { packed, inputs, labels } of this.#slots.values()) {
      packed?.dispose();
      inputs.dispose();
      labels.dispose();
    }
    this.#slots.clear();
  }
}

/** Batches of `dataset`; see `Loader`. */
export function loader(dataset: Dataset, options: LoaderOptions): Loader {
  return new Loader(dataset, options);
}
