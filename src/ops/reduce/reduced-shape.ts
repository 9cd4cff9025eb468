import type { Shape } from '../../tensor/shape';

/** The shape after the reduction of `axes` (`null`: all), which `keepdim` leaves with size 1. */
export function reducedShape(shape: Shape, axes: readonly number[] | null, keepdim: boolean): number[] {
  const reduced = (axis: number): boolean => axes === null || axes.includes(axis);
  return keepdim ? shape.map((n, axis) => (reduced(axis) ? 1 : n)) : shape.filter((_, axis) => !reduced(axis));
}
