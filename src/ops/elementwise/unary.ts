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

/** `x * x`, of any dtype. */
export const square = unary('square', 'input', ['float32', 'int32', 'uint32']);
/** Sine of any number of radians, however large; of an infinite one NaN. */
export const sin = unary('sin', 'input');
/** Cosine of any number of radians, however large; of an infinite one NaN. */
export const cos = unary('cos', 'input');
/** 1 for positive numbers, -1 for negative ones, 0 for 0 and NaN for NaN. Its gradient is 0 everywhere. */
export const sign = unary('sign', 'zero', ['float32', 'int32']);
/** The largest whole number that is not above `x`; its gradient is 0 everywhere. */
export const floor = unary('floor', 'zero');
/** The smallest whole number that is not below `x`; its gradient is 0 everywhere. */
export const ceil = unary('ceil', 'zero');
/** The nearest whole number, of two equally near ones the even one; its gradient is 0 everywhere. */
export const round = unary('round', 'zero');
/** 1 where `x` is NaN, else 0; no gradient. */
export const isnan = unary('isnan', 'none');
/** 1 where `x` is neither infinite nor NaN, else 0; no gradient. */
export const isfinite = unary('isfinite', 'none');

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

const softplusOp = unaryOp('softplus', 'input');

/**
 * log(1 + exp(beta · x)) / beta, a smooth ReLU; `x` itself where beta · x is above `threshold`, as in PyTorch.
 * Throws `RangeError` unless beta is finite and not 0.
 */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  if (!(Math.abs(beta) > 0 && Math.abs(beta) < Infinity))
    throw new RangeError(`softplus: expected a finite beta other than 0, got ${beta}`);
  return apply(softplusOp, [x], [beta, threshold]);
}
