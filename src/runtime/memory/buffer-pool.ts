import { BufferUsage } from '../../device/webgpu-flags';
import type { Gpu } from '../../device/gpu';
import { Storage } from './storage';

const USAGE = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;

/**
 * Sizes are rounded up to one of four steps an octave, so that a freed buffer fits the next batch, with at most 25%
 * lost.
 */
function bucket(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

/**
 * The most bytes that a kernel can bind; a multiple of 16, so that a buffer of this size consists of whole vectors of
 * four.
 */
export const largestBinding = ({ maxStorageBufferBindingSize, maxBufferSize }: GPUSupportedLimits): number =>
  Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 16) * 16;

/** GPU memory in numbers. */
export interface MemoryStats {
  /** Bytes of all buffers that exist. */
  readonly allocated: number;
  /** Bytes of the buffers in use. */
  readonly used: number;
  /** The highest `used` so far. */
  readonly peak: number;
  readonly buffers: number;
}

/** What all pools of a device hold together. */
interface Account {
  allocated: number;
  used: number;
  peak: number;
  buffers: number;
  nextId: number;
}

/** Freed buffers that wait for the next allocation of their size. The content of a recycled buffer is undefined. */
export class BufferPool {
  readonly #gpu: Gpu;
  readonly #account: Account;
  readonly #dry: boolean;
  readonly #free = new Map<number, { buffer: GPUBuffer; id: number }[]>();
  #closed = false;

  constructor(gpu: Gpu, account: Account = { allocated: 0, used: 0, peak: 0, buffers: 0, nextId: 1 }, dry = false) {
    this.#gpu = gpu;
    this.#account = account;
    this.#dry = dry;
  }

  get stats(): MemoryStats {
    const { allocated, used, peak, buffers } = this.#account;
    return { allocated, used, peak, buffers };
  }

  /** A pool with buffers of its own, which count towards the same statistics. */
  fork(): BufferPool {
    return new BufferPool(this.#gpu, this.#account);
  }

  /** A pool whose buffers have a size but no memory, for work that is not carried out. */
  forkDry(): BufferPool {
    return new BufferPool(this.#gpu, undefined, true);
  }

  /** A buffer of at least `bytes` bytes. Throws `RangeError` when that exceeds the adapter's limits. */
  allocate(bytes: number, label: string): Storage {
    const most = largestBinding(this.#gpu.limits);
    if (bytes > most) {
      throw new RangeError(`${label}: expected at most ${most} bytes per buffer on this adapter, got ${bytes}`);
    }
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    const size = Math.min(bucket(bytes), this.#gpu.limits.maxBufferSize);
    const { buffer, id } = this.#free.get(size)?.pop() ?? this.#create(size, label);
    const account = this.#account;
    account.used += size;
    account.peak = Math.max(account.peak, account.used);
    return new Storage(this, buffer, id);
  }

  #create(size: number, label: string): { buffer: GPUBuffer; id: number } {
    const buffer = this.#dry
      ? ({ size, destroy: () => undefined } as unknown as GPUBuffer)
      : this.#gpu.device.createBuffer({ label, size, usage: USAGE });
    this.#account.allocated += size;
    this.#account.buffers++;
    return { buffer, id: this.#account.nextId++ };
  }

  #destroy(buffer: GPUBuffer): void {
    this.#account.allocated -= buffer.size;
    this.#account.buffers--;
    buffer.destroy();
  }

  /** Takes back the buffer of a storage without references. Called by `Storage` only. */
  recycle(buffer: GPUBuffer, id: number): void {
    this.#account.used -= buffer.size;
    const list = this.#free.get(buffer.size);
    if (this.#closed) this.#destroy(buffer);
    else if (list) list.push({ buffer, id });
    else this.#free.set(buffer.size, [{ buffer, id }]);
  }

  /** Destroys the free buffers, and the others as they come back. All work on them must have been submitted. */
  close(): void {
    this.#closed = true;
    for (const { buffer } of [...this.#free.values()].flat()) this.#destroy(buffer);
    this.#free.clear();
  }
}
