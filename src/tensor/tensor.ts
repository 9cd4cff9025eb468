import { defaultDevice, type Device } from '../runtime/device';
import type { Storage } from '../runtime/memory/storage';
import type { BufferView } from '../runtime/stream/command-stream';
import { dtypeOf, ITEM_BYTES, typedArray, type DType, type TypedArray } from './dtype';
import { formatTensor } from './format';
import { StorageRef } from './storage-ref';
import { register } from './scope';
import { checkShape, formatShape, sameShape, ShapeError, sizeOf, type Shape } from './shape';

/** What autograd hangs on a tensor that an op made. */
export interface GradNode {
  /** Propagates `gradient` from `root` to the leaves. */
  backward(root: Tensor, gradient: Tensor | undefined, retainGraph: boolean): void;
  /** Told when the tensor that the op made is disposed. */
  release(): void;
}

/** A place in memory that a leaf's gradient is written to. */
export interface GradSlot {
  readonly storage: Storage;
  readonly offset: number;
}

interface TensorInit {
  device: Device;
  shape: Shape;
  dtype: DType;
  storage: Storage;
  /** Bytes into the storage, a multiple of 256. */
  offset?: number;
}

/** An n-dimensional array on the GPU: contiguous, row-major, float32 unless said otherwise. */
export class Tensor {
  readonly device: Device;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Number of elements. */
  readonly size: number;
  /** Whether `backward()` computes a gradient for this leaf. */
  requiresGrad = false;
  /** The gradient that `backward()` accumulated, of this tensor's shape. */
  grad: Tensor | null = null;
  /** Whether an optimizer has used the gradient up: the next `backward()` then replaces it in place of adding to it. */
  gradUsed = false;
  /** Set by `retainGrad()`: keep the gradient (and the value) of a tensor that an op made. */
  retainsGrad = false;
  /** Set by `keep()`. */
  kept = false;
  /** The op that made this tensor, when it is part of a graph. */
  node: GradNode | null = null;
  /** Where autograd writes this leaf's gradient, when an optimizer has given it a place. */
  gradSlot: GradSlot | null = null;
  readonly #ref: StorageRef;
  #offset: number;

  /** For the library's own use: takes over one ownership of `storage`. Users call `tensor()`, `zeros()`, … */
  constructor({ device, shape, dtype, storage, offset = 0 }: TensorInit) {
    this.device = device;
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#ref = new StorageRef(storage);
    this.#offset = offset;
    register(this);
  }

  /** A new tensor whose elements are undefined until a kernel writes them. */
  static empty(shape: Shape, dtype: DType = 'float32', device: Device = defaultDevice(), op = 'tensor'): Tensor {
    checkShape(op, shape);
    const storage = device.pool.allocate(sizeOf(shape) * ITEM_BYTES, op);
    return new Tensor({ device, shape: [...shape], dtype, storage });
  }

  get storage(): Storage {
    return this.#ref.storageOf(this.shape);
  }

  /** Bytes from the beginning of the storage. */
  get offset(): number {
    return this.#offset;
  }

  get disposed(): boolean {
    return this.#ref.released;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** This tensor's memory as a kernel binds it. */
  get view(): BufferView {
    return { storage: this.storage, offset: this.#offset, size: this.size * ITEM_BYTES };
  }

  /** Another tensor on the same memory; no graph. Throws `ShapeError` when the number of elements differs. */
  alias(shape: Shape = this.shape): Tensor {
    if (sizeOf(shape) !== this.size) {
      throw new ShapeError(
        `reshape: ${formatShape(this.shape)} has ${this.size} elements, ${formatShape(shape)} has ${sizeOf(shape)}`,
      );
    }
    const { device, dtype, storage } = this;
    return new Tensor({ device, dtype, shape: [...shape], storage: storage.retain(), offset: this.#offset });
  }

  /** For optimizers: moves this tensor's elements to another place; what they were is not copied. */
  rebind(storage: Storage, offset: number): void {
    this.#ref.storageOf(this.shape);
    this.#ref.move(storage);
    this.#offset = offset;
    this.device.recordingVersion++;
  }

  /** Copies the elements to the host, in row-major order. */
  async data(): Promise<TypedArray> {
    const buffer = await this.device.stream.read(this.storage, this.#offset, this.size * ITEM_BYTES);
    return typedArray(this.dtype, buffer);
  }

  /** The only element. Throws `ShapeError` when there are more. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: a tensor of one element is wanted, this one is ${formatShape(this.shape)}`);
    return (await this.data())[0];
  }

  /** Overwrites the elements from the host. Throws `ShapeError` when the number of elements or the type differs. */
  write(data: TypedArray): void {
    if (dtypeOf(data) !== this.dtype) {
      throw new ShapeError(`write: a tensor of ${this.dtype} takes no ${data.constructor.name}`);
    }
    if (data.length !== this.size) {
      throw new ShapeError(`write: ${formatShape(this.shape)} has ${this.size} elements, the data has ${data.length}`);
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.device.stream.push({ kind: 'write', buffer: this.storage.buffer, offset: this.#offset, data: bytes });
  }

  /** Overwrites the elements with those of `source`. Throws `ShapeError` when shape or type differ. */
  copyFrom(source: Tensor): void {
    if (!sameShape(source.shape, this.shape) || source.dtype !== this.dtype) {
      throw new ShapeError(
        `copyFrom: ${this.dtype} ${formatShape(this.shape)} is wanted, got ${source.dtype} ${formatShape(source.shape)}`,
      );
    }
    if (source.device !== this.device) throw new ShapeError('copyFrom: source is on another device');
    if (source.storage === this.storage) {
      if (source.offset === this.#offset) return;
      // Two places of an arena: WebGPU copies from one buffer to another only.
      const between = Tensor.empty(this.shape, this.dtype, this.device, 'copyFrom');
      between.copyFrom(source);
      this.copyFrom(between);
      between.dispose();
      return;
    }
    this.device.stream.push({
      kind: 'copy',
      from: source.storage.buffer,
      fromOffset: source.offset,
      to: this.storage.buffer,
      toOffset: this.#offset,
      bytes: this.size * ITEM_BYTES,
    });
  }

  /** Fills the `.grad` of every leaf that this tensor was computed from. `gradient` may be left out for one element. */
  backward(options: { gradient?: Tensor; retainGraph?: boolean } = {}): void {
    if (!this.node) throw new Error('backward: this tensor was not computed from one that requires a gradient');
    this.#ref.storageOf(this.shape);
    this.node.backward(this, options.gradient, options.retainGraph ?? false);
  }

  /** The same values outside the graph; shares memory. */
  detach(): Tensor {
    return this.alias();
  }

  /** Asks `backward()` to keep this tensor and to leave its gradient in `.grad`. */
  retainGrad(): this {
    this.retainsGrad = true;
    return this;
  }

  /** Gives the memory back. A second call does nothing. */
  dispose(): void {
    if (this.#ref.release()) this.node?.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Shape and type; the elements are on the GPU: see `format()`. */
  toString(): string {
    return `Tensor(${formatShape(this.shape)}, ${this.dtype})`;
  }

  /** The elements as nested rows of text, long axes shortened. */
  async format(): Promise<string> {
    return formatTensor(await this.data(), this.shape, this.dtype);
  }
}
