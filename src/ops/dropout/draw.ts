import type { Device } from '../../runtime/device';
import { positionParams } from '../../tensor/create/fill';
import type { Params } from '../../wgsl/params';

/** A dropout, as an op of its own or fused into another op. */
export interface Dropout {
  readonly p: number;
  /** Where the random numbers of the latest forward pass began; each replay of a captured step sets it anew for its backward pass. */
  readonly draw: { seed: number; offset: number };
}

/** A dropout that has drawn nothing yet; `null` when p is 0. Throws `RangeError` when p is not in [0, 1]. */
export function dropoutOf(p: number): Dropout | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: expected a probability p in [0, 1], got ${p}`);
  return p === 0 ? null : { p, draw: { seed: 0, offset: 0 } };
}

/** The factor of elements that survive. */
export const dropoutScale = ({ p }: Dropout): number => (p === 1 ? 0 : 1 / (1 - p));

/** The uniforms that lib/dropout.wgsl reads, for the random numbers of the latest forward pass: for backward kernels. */
export function dropoutParams(dropout: Dropout): Params {
  const { p, draw } = dropout;
  return {
    ...positionParams(draw.seed, draw.offset),
    p,
    dropout_scale: dropoutScale(dropout),
  };
}

/** The same for `size` random numbers that are drawn now: for forward kernels, at every run. */
export function drawDropout(dropout: Dropout, { generator }: Device, size: number): Params {
  dropout.draw.seed = generator.seed;
  dropout.draw.offset = generator.take(size);
  return dropoutParams(dropout);
}
