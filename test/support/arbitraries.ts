import fc from 'fast-check';
import type { Shape } from '../../src/tensor/shape';

/** The seed of a case's numbers. */
export const seeds = fc.integer({ min: 0, max: 2 ** 20 });

/** The factor of a case's numbers. */
export const scales = fc.constantFrom(1, 0.01, 30);

export const shapes = (minRank: number, maxRank: number, maxSize: number): fc.Arbitrary<Shape> =>
  fc.array(fc.integer({ min: 1, max: maxSize }), { minLength: minRank, maxLength: maxRank });

/** A shape and a number for each of its axes. */
export const shapesWith = (
  minRank: number,
  maxRank: number,
  maxSize: number,
): fc.Arbitrary<{ shape: Shape; picks: number[] }> =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: maxSize }), fc.nat(1000)), { minLength: minRank, maxLength: maxRank })
    .map((axes) => ({ shape: axes.map(([n]) => n), picks: axes.map(([, pick]) => pick) }));

export interface Broadcast {
  /** Shapes that broadcast together. */
  readonly shapes: readonly Shape[];
  readonly out: Shape;
}

/** `count` shapes of up to `maxRank` axes that broadcast together: some lack leading axes, some have axes of size 1. */
export const broadcasts = (count: number, maxRank: number, maxSize: number): fc.Arbitrary<Broadcast> =>
  fc
    .record({
      target: shapes(0, maxRank, maxSize),
      operands: fc.array(fc.record({ drop: fc.nat(maxRank), repeat: fc.nat(2 ** maxRank - 1) }), {
        minLength: count,
        maxLength: count,
      }),
    })
    .map(({ target, operands }) => {
      const list = operands.map(({ drop, repeat }) =>
        target.map((n, axis) => ((repeat >> axis) & 1 ? 1 : n)).slice(Math.min(drop, target.length)),
      );
      const rank = Math.max(0, ...list.map((shape) => shape.length));
      const out = Array.from({ length: rank }, (_, i) =>
        Math.max(...list.map((shape) => shape[i - rank + shape.length] ?? 1)),
      );
      return { shapes: list, out };
    });

/** Some of the axes 0 … rank - 1, at least one where there is one: picked by the bits of `pick`. */
export function someAxes(rank: number, pick: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => (pick >> axis) & 1);
  return axes.length > 0 || rank === 0 ? axes : [pick % rank];
}

/** The axes 0 … rank - 1 in the order of `keys`. */
export function orderBy(keys: readonly number[]): number[] {
  return keys.map((key, axis) => ({ key, axis })).sort((a, b) => a.key - b.key).map(({ axis }) => axis); // prettier-ignore
}
