import { tracer } from '../tracer';

/** Counts the writes to the memory of a tensor after it was made; all its aliases share it. */
export class Version {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** To be called where something else than its maker writes to the tensor. */
  bump(): void {
    tracer?.write(this);
    this.#count++;
  }

  /** Takes writes back that never happened. */
  restore(count: number): void {
    this.#count = count;
  }
}
