import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { indicesOf, placeOf } from './indexing';

/** An op on pairs of numbers with its derivatives, by the rules of IEEE 754 and PyTorch; those of comparisons are missing. */
export interface PairRule {
  readonly f: (a: number, b: number) => number;
  readonly byA?: (a: number, b: number) => number;
  readonly byB?: (a: number, b: number) => number;
  /** Where a derivative is 0, so is the gradient, even of NaN and infinity. */
  readonly masks?: boolean;
}

/** The derivative of the operand that is picked: where both are equal half of it; NaN is not less than anything. */
const picked = (less: boolean, equal: boolean): number => (equal ? 0.5 : Number(!less));

/** `a ** b` by C's rules: 1 where b is 0 or a is 1, also of NaN, and where a is -1 and b infinite. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

export const PAIR_RULES = {
  add: { f: (a, b) => a + b, byA: () => 1, byB: () => 1 },
  sub: { f: (a, b) => a - b, byA: () => 1, byB: () => -1 },
  mul: { f: (a, b) => a * b, byA: (_, b) => b, byB: (a) => a },
  div: { f: (a, b) => a / b, byA: (_, b) => 1 / b, byB: (a, b) => -(a / b) / b },
  pow: {
    f: power,
    // The power overflows in float32, as PyTorch's does.
    byA: (a, b) => (b === 0 ? 0 : b * Math.fround(power(a, b - 1))),
    byB: (a, b) => (a === 0 && b >= 0 ? 0 : power(a, b) * Math.log(a)),
  },
  maximum: { f: Math.max, byA: (a, b) => picked(a < b, a === b), byB: (a, b) => picked(b < a, a === b), masks: true },
  minimum: { f: Math.min, byA: (a, b) => picked(a > b, a === b), byB: (a, b) => picked(b > a, a === b), masks: true },
  eq: { f: (a, b) => Number(a === b) },
  ne: { f: (a, b) => Number(a !== b) },
  lt: { f: (a, b) => Number(a < b) },
  le: { f: (a, b) => Number(a <= b) },
  gt: { f: (a, b) => Number(a > b) },
  ge: { f: (a, b) => Number(a >= b) },
} satisfies Record<string, PairRule>;

/** `f` of the operands' elements at each index of `out`. */
export function broadcastReference(
  out: Shape,
  operands: readonly { shape: Shape; data: ArrayLike<number> }[],
  f: (...values: number[]) => number,
): Float64Array {
  const result = new Float64Array(sizeOf(out));
  indicesOf(out).forEach((index, i) => {
    result[i] = f(...operands.map(({ shape, data }) => data[placeOf(index, shape)]));
  });
  return result;
}

/** Adds up the numbers of `out` that one element of `shape` was broadcast to. */
export function sumToReference(values: ArrayLike<number>, out: Shape, shape: Shape): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  indicesOf(out).forEach((index, i) => (result[placeOf(index, shape)] += values[i]));
  return result;
}

/** The error function by its power series, right to 1e-9 for |x| < 4, where it differs from ±1 by less from there on. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let sum = 0;
  let term = x;
  for (let n = 0; n < 120; n++) {
    sum += term / (2 * n + 1);
    term *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** An op on numbers with its derivative, by the rules of IEEE 754 and PyTorch, and the numbers on which both are tried. */
export interface SingleRule {
  readonly f: (x: number, p: number, q: number) => number;
  /** Missing where there is no gradient. */
  readonly by?: (x: number, p: number, q: number) => number;
  readonly from: number;
  readonly to: number;
  /** Where the derivative is continuous, for gradcheck; 'off zero': everywhere else. */
  readonly smooth: readonly [from: number, to: number] | 'off zero';
  /** Where the derivative is 0, so is the gradient, even of NaN and infinity. */
  readonly masks?: boolean;
}

/** Half to even. */
function roundOf(x: number): number {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

const LARGE = { from: -1e6, to: 1e6 };

/** How each op on single elements is checked. `p` and `q`: the settings of leakyRelu, clamp and softplus. */
export const SINGLE_RULES = {
  neg: { f: (x) => -x, by: () => -1, ...LARGE, smooth: [-2, 2] },
  exp: { f: Math.exp, by: Math.exp, from: -30, to: 10, smooth: [-2, 1.5] },
  log: { f: Math.log, by: (x) => 1 / x, from: 1e-3, to: 1e6, smooth: [0.5, 4] },
  sqrt: { f: Math.sqrt, by: (x) => 0.5 / Math.sqrt(x), from: 1e-3, to: 1e6, smooth: [0.5, 4] },
  abs: { f: Math.abs, by: Math.sign, ...LARGE, smooth: 'off zero' },
  clamp: {
    f: (x, p, q) => Math.min(Math.max(x, p), q),
    by: (x, p, q) => Number(x >= p && x <= q),
    from: -4,
    to: 4,
    smooth: [-0.2, 0.2],
    masks: true,
  },
  relu: {
    f: (x) => Math.max(x, 0),
    by: (x) => Number(!(x <= 0)),
    ...LARGE,
    smooth: 'off zero',
    masks: true,
  },
  leakyRelu: { f: (x, p) => (x > 0 ? x : p * x), by: (x, p) => (x > 0 ? 1 : p), ...LARGE, smooth: 'off zero' },
  sigmoid: { f: sigmoid, by: (x) => sigmoid(x) * (1 - sigmoid(x)), from: -100, to: 100, smooth: [-4, 4] },
  tanh: { f: Math.tanh, by: (x) => 1 - Math.tanh(x) ** 2, from: -100, to: 100, smooth: [-2, 2] },
  gelu: {
    f: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    by: (x) => 0.5 * (1 + erf(x / Math.SQRT2)) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
    from: -5,
    to: 5,
    smooth: [-3, 3],
  },
  silu: {
    f: (x) => x * sigmoid(x),
    by: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    from: -100,
    to: 100,
    smooth: [-4, 4],
  },
  hardswish: {
    f: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    by: (x) => (x < -3 ? 0 : x <= 3 ? x / 3 + 0.5 : 1),
    from: -100,
    to: 100,
    smooth: [-2.9, 2.9],
    masks: true,
  },
  square: { f: (x) => x * x, by: (x) => 2 * x, ...LARGE, smooth: [-2, 2] },
  sin: { f: Math.sin, by: Math.cos, from: -1e30, to: 1e30, smooth: [-4, 4] },
  cos: { f: Math.cos, by: (x) => -Math.sin(x), from: -1e30, to: 1e30, smooth: [-4, 4] },
  sign: { f: Math.sign, by: () => 0, ...LARGE, smooth: 'off zero', masks: true },
  floor: { f: Math.floor, by: () => 0, ...LARGE, smooth: [0.1, 0.9], masks: true },
  ceil: { f: Math.ceil, by: () => 0, ...LARGE, smooth: [0.1, 0.9], masks: true },
  round: { f: roundOf, by: () => 0, ...LARGE, smooth: [-0.4, 0.4], masks: true },
  isnan: { f: (x) => Number(Number.isNaN(x)), ...LARGE, smooth: 'off zero' },
  isfinite: { f: (x) => Number(Number.isFinite(x)), ...LARGE, smooth: 'off zero' },
  softplus: {
    f: (x, p, q) => (x * p > q ? x : (Math.max(x * p, 0) + Math.log1p(Math.exp(-Math.abs(x * p)))) / p),
    by: (x, p, q) => (x * p > q ? 1 : sigmoid(x * p)),
    from: -100,
    to: 100,
    smooth: [-1, 4],
  },
} satisfies Record<string, SingleRule>;

export type SingleName = keyof typeof SINGLE_RULES;
export type PairName = keyof typeof PAIR_RULES;
