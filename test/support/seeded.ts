import type { Device } from '../../src/runtime/device';

/** Runs `fn` from a fixed place in the stream of random numbers. */
export function seeded<T>({ generator }: Device, seed: number, fn: () => T): T {
  const before = { seed: generator.seed, offset: generator.offset };
  Object.assign(generator, { seed, offset: 0 });
  try {
    return fn();
  } finally {
    Object.assign(generator, before);
  }
}
