import type { Device } from '../../runtime/device';
import type { Params } from '../../wgsl/params';

/** A dropout, alone or folded into another op. */
export interface Dropout {
  readonly p: number;
  /** Where the random numbers of the latest forward began: each replay of a captured step moves it on for its backward. */
  readonly draw: { seed: number; offset: number };
}

/** A dropout that has drawn nothing yet; `null` where nothing can be dropped. Throws `RangeError` when p is not in [0, 1]. */
export function dropoutOf(p: number): Dropout | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: p is a probability in [0, 1], got ${p}`);
  return p === 0 ? null : { p, draw: { seed: 0, offset: 0 } };
}

/** What an element that is kept is multiplied by. */
export const keepScale = ({ p }: Dropout): number => (p === 1 ? 0 : 1 / (1 - p));

/** The uniforms that lib/dropout.wgsl reads, for the numbers of the latest forward: what a backward kernel takes. */
export function dropoutParams(dropout: Dropout): Params {
  const { p, draw } = dropout;
  return {
    seed_low: draw.seed >>> 0,
    seed_high: Math.floor(draw.seed / 2 ** 32),
    offset_low: draw.offset >>> 0,
    offset_high: Math.floor(draw.offset / 2 ** 32),
    p,
    keep_scale: keepScale(dropout),
  };
}

/** The same for `size` numbers that are drawn now: what a forward kernel takes, at every run. */
export function drawDropout(dropout: Dropout, { generator }: Device, size: number): Params {
  dropout.draw.seed = generator.seed;
  dropout.draw.offset = generator.take(size);
  return dropoutParams(dropout);
}
