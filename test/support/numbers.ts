import { philox4 } from '../../src/tensor/philox';

/** `count` float32 numbers in [-1, 1), the same for the same seed. */
export function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => philox4([i, 0, 0, 0], [seed, 0])[0] / 2 ** 31 - 1);
}
