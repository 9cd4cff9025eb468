import { largestDifference } from './numbers';

/** How far two libraries' results may be apart, as a fraction of the largest number: float32 sums in different orders. */
export const KERNEL_TOLERANCE = 1e-4;
/**
 * The loss before the first update, and after it. Adam's first update is ±lr for every parameter, also where the gradient is
 * no more than rounding, so the second loss is less exact.
 */
export const LOSS_TOLERANCES = [1e-4, 1e-3] as const;

/** Throws when two results are not the same but for rounding; returns how far they are apart. */
export function requireSameResult(name: string, actual: Float32Array, expected: Float32Array): number {
  const difference = largestDifference(actual, expected);
  if (difference <= KERNEL_TOLERANCE) return difference;
  throw new Error(`${name}: the result differs from wgrad's by ${difference.toExponential(1)} of the largest number`);
}

/** Throws when the losses of the first two steps are not the same but for rounding. */
export function requireSameLosses(name: string, actual: readonly number[], expected: readonly number[]): void {
  for (const [i, tolerance] of LOSS_TOLERANCES.entries()) {
    const difference = Math.abs(actual[i] - expected[i]) / Math.abs(expected[i]);
    if (!(difference <= tolerance))
      throw new Error(`${name}: the loss of step ${i + 1} is ${actual[i]}, wgrad's is ${expected[i]}`);
  }
}
