import type { Device } from '../../runtime/device';
import type { Storage } from '../../runtime/memory/storage';
import type { BufferView } from '../../runtime/stream/commands';
import { ITEM_BYTES } from '../dtype';
import { DisposedError } from '../errors';
import { formatShape, type Shape } from '../shape';
import { StorageRef } from './storage-ref';
import { tracer } from '../tracer';
import { Version } from './version';

/** What messages tell of a tensor whose elements are gone. */
interface Lost {
  readonly name: string;
  readonly shape: Shape;
  readonly node: { readonly name: string } | null;
  readonly freedBy: string;
}

const origin = ({ name, shape, node }: Lost): string =>
  `of shape ${formatShape(shape)}${name && ` ('${name}')`}${node ? ` (made by ${node.name})` : ''}`;

/** What became of `tensor`, which is freed. */
export const disposedText = (tensor: Lost): string => `a freed tensor ${origin(tensor)}: ${tensor.freedBy}`;

/** A tensor as far as its memory goes. */
export abstract class TensorMemory {
  abstract readonly device: Device;
  abstract readonly shape: Shape;
  abstract readonly size: number;
  /** @internal */
  abstract readonly name: string;
  /** @internal */
  abstract readonly node: { readonly name: string; release(): void } | null;
  /** What freed it and how to prevent that: a constant, for messages. @internal */
  freedBy = '';
  readonly #ref: StorageRef;
  #offset: number;
  #version: Version;

  /** Takes over one reference to `storage`. @internal */
  constructor(storage: Storage, offset = 0, version = new Version()) {
    this.#ref = new StorageRef(storage);
    this.#offset = offset;
    this.#version = version;
  }

  /** Throws `DisposedError`, naming the tensor, when it was freed or overwritten. @internal */
  checkMemory(): Storage {
    const { storage, overwritten } = this.#ref;
    if (!storage) throw new DisposedError(`this is ${disposedText(this)}`);
    if (overwritten) {
      throw new DisposedError(
        `a result ${origin(this)} of a captured step was used after a later call of the step had overwritten it: ` +
          'read it before, or copy it into a tensor of your own with copyFrom(); keep() does not prevent this',
      );
    }
    return storage;
  }

  /** @internal */
  get storage(): Storage {
    tracer?.use(this);
    return this.checkMemory();
  }

  /** Bytes from the beginning of the storage. @internal */
  get offset(): number {
    return this.#offset;
  }

  /** Counts the writes to the elements; an alias has the same. @internal */
  get version(): Version {
    return this.#version;
  }

  /** This tensor's memory as a kernel binds it. @internal */
  get view(): BufferView {
    return { storage: this.storage, offset: this.#offset, size: this.size * ITEM_BYTES };
  }

  /** Whether the memory was given back. */
  get disposed(): boolean {
    return this.#ref.storage === null;
  }

  /** Whether a later call of the captured step that made this tensor has overwritten it. @internal */
  get overwritten(): boolean {
    return this.#ref.overwritten;
  }

  /** After its memory was written anew: the elements are those of this tensor. @internal */
  renew(): void {
    this.#ref.renew();
  }

  /**
   * For optimizers: moves the tensor to another place; elements are not copied, and earlier aliases stay where they were.
   * @internal
   */
  rebind(storage: Storage, offset: number): void {
    this.checkMemory();
    this.#ref.move(storage);
    this.#offset = offset;
    this.#version = new Version();
    this.device.recordingVersion++;
  }

  /** Gives the memory back. A second call does nothing. */
  dispose(): void {
    this.free('dispose() freed it, which keep() does not prevent: call dispose() after its last use');
  }

  /** `dispose()`, where `how` says what freed it and how to prevent that: a constant. @internal */
  free(how: string): void {
    if (this.disposed) return;
    tracer?.dispose(this);
    this.freedBy = how;
    this.#ref.release();
    this.node?.release();
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
