import { sizeOf, type Shape } from '../../../src/tensor/shape';

export interface Normalized {
  y: number[];
  mean: number[];
  /** Unbiased. */
  variance: number[];
}

/** Calls `visit(channel, index)` for every element of `[N, C, …]`. */
export function walkChannels(shape: Shape, visit: (c: number, i: number) => void): void {
  const inner = sizeOf(shape.slice(2));
  for (let i = 0; i < sizeOf(shape); i++) visit(Math.floor(i / inner) % shape[1], i);
}

/** The sum over each channel of `f(channel, index)`. */
export function channelSums(shape: Shape, f: (c: number, i: number) => number): number[] {
  const sums = new Array<number>(shape[1]).fill(0);
  walkChannels(shape, (c, i) => (sums[c] += f(c, i)));
  return sums;
}

/** Batch normalisation in float64; `given` are the statistics when not training. */
export function batchNormReference(
  x: ArrayLike<number>,
  shape: Shape,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  eps: number,
  given?: { mean: ArrayLike<number>; variance: ArrayLike<number> },
): Normalized {
  const n = sizeOf(shape) / shape[1];
  const mean = channelSums(shape, (_, i) => x[i]).map((s) => s / n);
  const m2 = channelSums(shape, (c, i) => (x[i] - mean[c]) ** 2);
  const [m, v] = given ? [given.mean, given.variance] : [mean, m2.map((s) => s / n)];
  const y = new Array<number>(x.length);
  walkChannels(shape, (c, i) => (y[i] = ((x[i] - m[c]) / Math.sqrt(v[c] + eps)) * weight[c] + bias[c]));
  return { y, mean, variance: m2.map((s) => s / (n - 1)) };
}

/** The gradients of Σ dy · y by x, weight and bias in float64; `given` are the statistics when not training. */
export function batchNormGradients(
  x: ArrayLike<number>,
  shape: Shape,
  weight: ArrayLike<number>,
  dy: ArrayLike<number>,
  eps: number,
  given?: { mean: ArrayLike<number>; variance: ArrayLike<number> },
): { x: number[]; weight: number[]; bias: number[] } {
  const n = sizeOf(shape) / shape[1];
  const mean = given?.mean ?? channelSums(shape, (_, i) => x[i]).map((s) => s / n);
  const variance = given?.variance ?? channelSums(shape, (c, i) => (x[i] - mean[c]) ** 2).map((s) => s / n);
  const xhat = (c: number, i: number): number => (x[i] - mean[c]) / Math.sqrt(variance[c] + eps);
  const bias = channelSums(shape, (_, i) => dy[i]);
  const byWeight = channelSums(shape, (c, i) => dy[i] * xhat(c, i));
  const dx = new Array<number>(x.length);
  walkChannels(shape, (c, i) => {
    const centred = given ? dy[i] : dy[i] - bias[c] / n - (xhat(c, i) * byWeight[c]) / n;
    dx[i] = (weight[c] / Math.sqrt(variance[c] + eps)) * centred;
  });
  return { x: dx, weight: byWeight, bias };
}
