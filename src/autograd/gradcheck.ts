import type { Tensor } from '../tensor/tensor';

export { GradcheckError } from './gradcheck-error';

export interface GradcheckOptions {
  /** Half the distance of the two points of a central difference; default 1e-2. */
  eps?: number;
  /** A difference d of analytic and numeric gradient passes when d <= atol + rtol · |numeric|; default 1e-3 and 1e-2. */
  atol?: number;
  rtol?: number;
  /** Elements of each input that are checked one by one (all, when it has no more); default 24. */
  elements?: number;
  /** Random directions along which each input is checked as a whole; default 2. */
  directions?: number;
  /** Seed of the projection, the elements and the directions; default 0. */
  seed?: number;
  /** Named in the message; default 'gradcheck'. */
  name?: string;
}

/**
 * Compares the gradients of `fn` that backward() computes with central differences of its forward pass, through a random
 * projection of the output. `fn` must be deterministic and away from kinks at `inputs`; its inputs are float32 leaves, all
 * that require a gradient are checked and left as they were.
 * Throws `GradcheckError` with input, place, both values and the tolerance.
 */
export async function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<void> {
  const { checkGradients } = await import('./gradcheck-run');
  return checkGradients(fn, inputs, options);
}
