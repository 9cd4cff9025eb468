import type { Storage } from '../runtime/memory/storage';
import { formatShape, type Shape } from './shape';

/** Forgotten bytes from which on a program is told that it forgets to free. */
const WARN_AT = 256 * 2 ** 20;
let forgottenBytes = 0;

/** A last resort: a buffer that reached garbage collection without being freed goes back to the pool then. */
const forgotten = new FinalizationRegistry<{ storage: Storage | null }>((share) => {
  const { storage } = share;
  if (!storage) return;
  share.storage = null;
  if (storage.references === 1) {
    const before = forgottenBytes;
    forgottenBytes += storage.buffer.size;
    if (before < WARN_AT && forgottenBytes >= WARN_AT) {
      console.warn(
        `wgrad: ${WARN_AT / 2 ** 20} MiB of tensors were left to the garbage collector, which is slow to free them: ` +
          'wrap what makes them in tidy(), or call dispose()',
      );
    }
  }
  storage.release();
});

/** A tensor's share in the ownership of a buffer; it takes over the one that it is made with. */
export class StorageRef {
  // Apart, because the FinalizationRegistry must not hold what it watches.
  readonly #share: { storage: Storage | null };

  constructor(storage: Storage) {
    this.#share = { storage };
    forgotten.register(this, this.#share, this);
  }

  get released(): boolean {
    return this.#share.storage === null;
  }

  /** The buffer. Throws, naming the tensor's shape, once it is released. */
  storageOf(shape: Shape): Storage {
    const { storage } = this.#share;
    if (storage) return storage;
    throw new Error(
      `a freed tensor of shape ${formatShape(shape)} was used: backward(), tidy() or dispose() has given its memory back ` +
        '(retainGrad() or keep() would have kept it)',
    );
  }

  /** Takes a share of `storage` in place of the present one. */
  move(storage: Storage): void {
    const before = this.#share.storage;
    this.#share.storage = storage.retain();
    before?.release();
  }

  /** Gives the share back; returns whether there was one. */
  release(): boolean {
    const { storage } = this.#share;
    if (!storage) return false;
    this.#share.storage = null;
    storage.release();
    forgotten.unregister(this);
    return true;
  }
}
