/**
 * The numbers 0 to `count - 1` in an order that `seed` (its low 32 bits) decides: Fisher-Yates, drawing from mulberry32
 * (Tommy Ettinger, public domain). The same everywhere and always; for splitting data, not for secrets.
 */
export function permutation(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = seed | 0;
  for (let last = count - 1; last > 0; last--) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    const uniform = ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    const other = Math.floor(uniform * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
