import { philox4 } from '../tensor/philox';

/** 0 … count-1 in the order of an epoch: Fisher and Yates's shuffle on Philox numbers. */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const [high, low] = philox4([i, epoch, 2, 0], [seed >>> 0, Math.floor(seed / 2 ** 32)]);
    // 53 random bits, so that the modulo's bias is below 1e-6 for any count that fits in memory.
    const j = Math.floor(((high * 2 ** 21 + (low >>> 11)) / 2 ** 53) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
