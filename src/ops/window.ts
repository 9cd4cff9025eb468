import { formatShape, ShapeError } from '../tensor/shape';

/** A setting for height and width. */
export type Pair = readonly [h: number, w: number];

/** `value` as a pair; one number stands for both. Throws `ShapeError` unless they are integers of at least `least`. */
export function pairOf(op: string, argument: string, value: number | Pair, least: number): Pair {
  const list: readonly number[] = typeof value === 'number' ? [value, value] : value;
  if (list.length !== 2 || list.some((n) => !Number.isSafeInteger(n) || n < least)) {
    const given = typeof value === 'number' ? String(value) : formatShape(value);
    throw new ShapeError(
      `${op}: expected ${argument} to be an integer >= ${least} or a pair [h, w] of them, got ${given}`,
    );
  }
  return [list[0], list[1]];
}

/** A window that slides over a padded plane. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Rows above and columns to the left that are added to the plane. */
  readonly before: Pair;
  /** Rows below and columns to the right. */
  readonly after: Pair;
}

/**
 * How many windows fit on a plane `[H, W]`: floor((size + padding - dilation · (kernel - 1) - 1) / stride) + 1 along each axis.
 * Throws `ShapeError` when the window is larger than the padded plane.
 */
export function countWindows(op: string, plane: Pair, { kernel, stride, dilation, before, after }: Window): Pair {
  const both = (measure: (axis: 0 | 1) => number): Pair => [measure(0), measure(1)];
  const extent = both((axis) => dilation[axis] * (kernel[axis] - 1) + 1);
  const padded = both((axis) => plane[axis] + before[axis] + after[axis]);
  if (extent[0] > padded[0] || extent[1] > padded[1]) {
    throw new ShapeError(
      `${op}: kernel ${formatShape(kernel)} with dilation ${formatShape(dilation)} covers ${formatShape(extent)}, ` +
        `more than the padded input ${formatShape(padded)}`,
    );
  }
  return both((axis) => Math.floor((padded[axis] - extent[axis]) / stride[axis]) + 1);
}
