import type { Shape } from '../../tensor/shape';
import { sizeOf } from '../../tensor/shape';

/** How kernels cut x `[N, C, L]` (all axes behind the channels in one) into slices of a channel: see lib/channel_slices.wgsl. */
export interface Slices {
  readonly batch: number;
  readonly channels: number;
  readonly inner: number;
  readonly batch_slices: number;
  readonly inner_slices: number;
}

/** Neighbours in a row of a channel, where it is that long: they read memory in one go. */
const ROW = 64;

/** The fewest pieces, of equal length to within one element, that are no longer than those of `n` cut into `pieces`. */
const even = (n: number, pieces: number): number => Math.ceil(n / Math.ceil(n / pieces));

/** Cuts each channel of `shape` into `wanted` slices or a few more or less. */
export function cut(shape: Shape, wanted: number): Slices {
  const [batch, channels] = shape;
  const inner = sizeOf(shape.slice(2));
  const row = even(inner, Math.min(inner, ROW, wanted));
  const batchSlices = even(batch, Math.min(batch, Math.ceil(wanted / row)));
  const innerSlices = even(inner, Math.min(inner, Math.max(row, Math.ceil(wanted / batchSlices))));
  return { batch, channels, inner, batch_slices: batchSlices, inner_slices: innerSlices };
}

/** Slices of a channel. */
export function sliceCount({ batch_slices, inner_slices }: Slices): number {
  return batch_slices * inner_slices;
}
