import type { Storage } from '../../runtime/memory/storage';

/** Bytes freed by garbage collection from which on the program is warned. */
const WARN_AT = 256 * 2 ** 20;
let collectedBytes = 0;

/** What a reference refers to; `null` once it is released. */
interface Target {
  storage: Storage | null;
}

/** A last resort: a reference that is garbage-collected before it was released is released then. */
const collected = new FinalizationRegistry<Target>((target) => {
  const { storage } = target;
  if (!storage) return;
  target.storage = null;
  if (storage.references === 1) {
    const before = collectedBytes;
    collectedBytes += storage.buffer.size;
    if (before < WARN_AT && collectedBytes >= WARN_AT) {
      console.warn(
        `wgrad: ${WARN_AT / 2 ** 20} MiB of tensors were left to the garbage collector, which is slow to free them: ` +
          'wrap what makes them in tidy(), or call dispose()',
      );
    }
  }
  storage.release();
});

/** A tensor's claim on its storage; takes over the reference that it is made with. */
export class StorageRef {
  // An object of its own: the FinalizationRegistry must not hold what it watches.
  readonly #target: Target;
  #generation: number;

  constructor(storage: Storage) {
    this.#target = { storage };
    this.#generation = storage.generation;
    collected.register(this, this.#target, this);
  }

  /** The storage; `null` once it is released. */
  get storage(): Storage | null {
    return this.#target.storage;
  }

  /** Refers to `storage` from now on. */
  move(storage: Storage): void {
    const before = this.#target.storage;
    this.#target.storage = storage.retain();
    this.#generation = storage.generation;
    before?.release();
  }

  /** Whether the memory holds the elements of a later call of a captured step. */
  get overwritten(): boolean {
    const { storage } = this.#target;
    return storage !== null && storage.generation !== this.#generation;
  }

  /** Refers to what the memory holds now. */
  renew(): void {
    this.#generation = this.#target.storage?.generation ?? 0;
  }

  /** Gives the reference back; returns whether there was one. */
  release(): boolean {
    const { storage } = this.#target;
    if (!storage) return false;
    this.#target.storage = null;
    storage.release();
    collected.unregister(this);
    return true;
  }
}
