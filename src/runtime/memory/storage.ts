/** Takes back the buffer of a storage without references. */
export interface StorageOwner {
  recycle(buffer: GPUBuffer, id: number): void;
}

/** A reference-counted GPU buffer; it returns to its pool with the last reference. */
export class Storage {
  #references = 1;
  /** Raised when all that was made on it so far is out of date: a captured step writes anew. */
  generation = 0;
  constructor(
    readonly pool: StorageOwner,
    readonly buffer: GPUBuffer,
    readonly id: number,
  ) {}

  get references(): number {
    return this.#references;
  }

  retain(): this {
    if (this.#references === 0) throw new Error('a freed buffer was used');
    this.#references++;
    return this;
  }

  release(): void {
    if (this.#references === 0) throw new Error('a buffer was freed twice');
    this.#references--;
    if (this.#references === 0) this.pool.recycle(this.buffer, this.id);
  }
}
