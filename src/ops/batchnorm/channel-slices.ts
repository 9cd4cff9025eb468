import type { Shape } from '../../tensor/shape';
import { sizeOf } from '../../tensor/shape';
import { CHANNEL_ROW } from '../../variants/cost-model';

/** How kernels cut each channel of x `[N, C, L]` (L: all axes after C as one) into slices: see batchnorm/channel_slices.wgsl. */
export interface ChannelSlices {
  readonly batch: number;
  readonly channels: number;
  readonly inner: number;
  readonly batch_slices: number;
  readonly inner_slices: number;
}

/** The fewest pieces, of equal length to within one element, that are no longer than those of `n` cut into `pieces`. */
const even = (n: number, pieces: number): number => Math.ceil(n / Math.ceil(n / pieces));

/** Cuts each channel of x `[N, C, ...]` into about `count` slices. */
export function cutChannels(shape: Shape, count: number): ChannelSlices {
  const [batch, channels] = shape;
  const inner = sizeOf(shape.slice(2));
  const row = even(inner, Math.min(inner, CHANNEL_ROW, count));
  const batchSlices = even(batch, Math.min(batch, Math.ceil(count / row)));
  const innerSlices = even(inner, Math.min(inner, Math.max(row, Math.ceil(count / batchSlices))));
  return { batch, channels, inner, batch_slices: batchSlices, inner_slices: innerSlices };
}

/** Slices of a channel. */
export function sliceCount({ batch_slices, inner_slices }: ChannelSlices): number {
  return batch_slices * inner_slices;
}
