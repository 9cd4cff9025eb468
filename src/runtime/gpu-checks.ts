import type { Gpu } from '../device/gpu';
import { BufferUsage } from '../device/webgpu-flags';
import { Storage } from './memory/storage';
import type { BufferView } from './stream/commands';

/** Words of the buffer, one for each check; those that find no more room share the last. */
const SLOTS = 256;
/** Words behind them, for what a check tells beside its own word. */
export const DETAILS = SLOTS;
const WORDS = SLOTS + 64;

/** Makes the error of what a kernel reported; `words` are all of the buffer. */
type ErrorOf = (found: number, words: Uint32Array) => Error;

/**
 * What kernels find wrong with numbers that only the GPU knows, such as an index out of range: one word for each check, 0 while all is
 * well, else the largest value that a kernel reported (`report` of lib/check.wgsl). Every readback brings the words along and throws.
 */
export class GpuChecks {
  readonly #gpu: Gpu;
  readonly #slots = new Map<string, number>();
  readonly #errors: ErrorOf[] = [];
  #storage: Storage | null = null;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** What a readback copies along: 0 bytes while no kernel checks. */
  get bytes(): number {
    return this.#storage ? 4 * WORDS : 0;
  }

  /** The words as a kernel binds them. */
  get view(): BufferView {
    const size = 4 * WORDS;
    if (!this.#storage) {
      const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
      // No pool owns it, and no pool gives the number 0.
      this.#storage = new Storage(
        { recycle: () => undefined },
        this.#gpu.device.createBuffer({ label: 'checks', size, usage }),
        0,
      );
    }
    return { storage: this.#storage, offset: 0, size };
  }

  /** The word of the check called `key`; `errorOf` makes the error of what a kernel reported there. */
  slot(key: string, errorOf: ErrorOf): number {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = Math.min(this.#errors.length, SLOTS - 1);
      this.#slots.set(key, slot);
      if (slot < SLOTS - 1) this.#errors.push(errorOf);
      else
        this.#errors[slot] = () =>
          new RangeError('an index or class out of range; so many ops check theirs that its name is lost');
    }
    return slot;
  }

  /** The word for indices below `bound`, which are named as `argument` of `op`; `signed`: negative ones are read as such. */
  bound(op: string, argument: string, bound: number, signed: boolean): number {
    return this.slot(`${op} ${argument} ${bound} ${signed}`, (found) => {
      const value = signed ? found | 0 : found;
      return new RangeError(
        `${op}: expected ${argument} in [0, ${bound}), got ${value} (found by the GPU since the last readback)`,
      );
    });
  }

  /** Throws the error of the first check that failed, if any did, and resets all. */
  inspect(words: Uint32Array): void {
    const slot = words.subarray(0, SLOTS).findIndex((word) => word !== 0);
    if (slot < 0) return;
    if (this.#storage) this.#gpu.device.queue.writeBuffer(this.#storage.buffer, 0, new Uint32Array(WORDS));
    throw this.#errors[slot](words[slot], words);
  }
}
