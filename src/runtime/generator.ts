/** A position in a sequence of random numbers: seed and counter of Philox. */
export class Generator {
  /** Counter of the next block of four 32-bit numbers. */
  offset = 0;
  constructor(public seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed: expected an integer >= 0, got ${seed}`);
  }

  /**
   * Takes as many blocks as `count` numbers need; returns the counter of the first.
   * @internal
   */
  take(count: number): number {
    const first = this.offset;
    this.offset += Math.ceil(count / 4);
    return first;
  }
}
