import { apply } from '../../autograd/apply';
import type { Tensor } from '../../tensor/tensor';
import { unary, unaryOp } from './unary-op';

// Only public functions are exported here: `wgrad` exports all of them.

/** `-x`. */
export const neg = unary('neg', 'input', ['float32', 'int32']);
/** e to the power of `x`. */
export const exp = unary('exp', 'output');
/** Natural logarithm. */
export const log = unary('log', 'input');
/** Square root; its gradient at 0 is infinite. */
export const sqrt = unary('sqrt', 'output');
/** Absolute value; its gradient at 0 is 0. */
export const abs = unary('abs', 'input');
/** max(x, 0); its gradient at 0 is 0. */
export const relu = unary('relu', 'output');
/** 1 / (1 + exp(-x)), without overflow. */
export const sigmoid = unary('sigmoid', 'output');
/** Hyperbolic tangent. */
export const tanh = unary('tanh', 'output');
/** x · Φ(x) with the normal distribution's Φ (Hendrycks and Gimpel 2016), the exact form by erf. */
export const gelu = unary('gelu', 'input');
/** x · sigmoid(x) (Elfwing et al. 2017). */
export const silu = unary('silu', 'input');
/** x · min(max(x + 3, 0), 6) / 6 (Howard et al. 2019); its gradient is 1 at NaN, as in PyTorch. */
export const hardswish = unary('hardswish', 'input');

const leakyReluOp = unaryOp('leakyRelu', 'input');

/** x where x > 0, else `negativeSlope` · x. */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return apply(leakyReluOp, [x], [negativeSlope, 0]);
}

const clampOp = unaryOp('clamp', 'input');

/** Limits every element to [low, high]; outside, the gradient is 0. Throws `RangeError` when low > high. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  if (!(low <= high)) throw new RangeError(`clamp: expected low <= high, got ${low} and ${high}`);
  return apply(clampOp, [x], [low, high]);
}
