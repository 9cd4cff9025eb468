let listener: ((written: Version) => void) | null = null;

/** Counts the writes to the memory of a tensor after it was made; all its aliases share it. */
export class Version {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** To be called where something else than its maker writes to the tensor. */
  bump(): void {
    this.#count++;
    listener?.(this);
  }
}

/** Runs `fn` (synchronous) and returns what it wrote to: a replay of its commands has to bump these again. */
export function writesOf(fn: () => void): Set<Version> {
  const written = new Set<Version>();
  const before = listener;
  listener = (version) => {
    written.add(version);
    before?.(version);
  };
  try {
    fn();
  } finally {
    listener = before;
  }
  return written;
}
