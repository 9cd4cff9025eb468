import { describe, expect, it } from 'vitest';
import { requireSameLosses, requireSameResult } from '../../bench/compare';
import { KERNELS, resultShape } from '../../bench/kernels/cases';
import { stepFlop } from '../../bench/network';
import { count, largestDifference, median, uniform } from '../../bench/numbers';
import { oneHot, permute } from '../../bench/peers/layout';

describe('numbers of the benchmark', () => {
  it('median is the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('uniform gives the same numbers again, within its bounds and around their middle', () => {
    const values = uniform(10_000, -1, 3, 7);
    expect(uniform(10_000, -1, 3, 7)).toEqual(values);
    expect(uniform(10, -1, 3, 8)).not.toEqual(values.slice(0, 10));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThan(3);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 1);
  });

  it('largestDifference is a share of the largest expected number; NaN and other lengths never pass', () => {
    expect(largestDifference(Float32Array.of(1, 8.5), Float32Array.of(1, 8))).toBe(0.0625);
    expect(largestDifference(Float32Array.of(NaN, 8), Float32Array.of(1, 8))).toBe(Infinity);
    expect(largestDifference(Float32Array.of(8, NaN, 8), Float32Array.of(8, 8, 8))).toBe(Infinity);
    expect(largestDifference(Float32Array.of(1), Float32Array.of(1, 8))).toBe(Infinity);
  });

  it('results and losses that differ by more than rounding are refused', () => {
    expect(requireSameResult('x', Float32Array.of(1, 2), Float32Array.of(1, 2))).toBe(0);
    expect(() => requireSameResult('peer, matmul', Float32Array.of(1, 2.1), Float32Array.of(1, 2))).toThrow(
      /peer, matmul: the result differs/,
    );
    requireSameLosses('peer', [2.30001, 2.201], [2.3, 2.2]);
    expect(() => {
      requireSameLosses('peer', [2.3, 2.3], [2.3, 2.2]);
    }).toThrow(/the loss of step 2 is 2.3, wgrad's is 2.2/);
    expect(() => {
      requireSameLosses('peer', [NaN, 2.2], [2.3, 2.2]);
    }).toThrow(/step 1/);
  });

  it('counts the operations of a training step', () => {
    // Forward, an image: 2 * (28² * 9 * (32 + 32 * 32) + 14² * 9 * (32 * 64 + 64 * 64) + 3136 * 256 + 256 * 128 + 128 * 10).
    const forward = 38_252_032;
    const first = 2 * 28 * 28 * 9 * 32;
    expect(stepFlop(1)).toBe(3 * forward - first);
    expect(stepFlop(64)).toBe(64 * stepFlop(1));
  });

  it('each part of a kernel has the operations of the forward pass and a shape of its own', () => {
    const conv = KERNELS.find(({ op }) => op === 'conv2d');
    expect(conv && resultShape(conv, 'gradientOfB')).toEqual([32, 32, 3, 3]);
    expect(conv?.flop).toBe(2 * 64 * 32 * 28 * 28 * 32 * 9);
  });
});

describe('layouts of other libraries', () => {
  it('permute puts axes in another order, and back', () => {
    const shape = [2, 3, 4, 5];
    const values = Float32Array.from({ length: count(shape) }, (_, i) => i);
    const nhwc = permute(values, shape, [0, 2, 3, 1]);
    const [n, c, h, w] = [1, 2, 3, 1];
    expect(nhwc[((n * 4 + h) * 5 + w) * 3 + c]).toBe(values[((n * 3 + c) * 4 + h) * 5 + w]);
    expect(permute(nhwc, [2, 4, 5, 3], [0, 3, 1, 2])).toEqual(values);
    expect(permute(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  it('oneHot has a one a row', () => {
    expect(oneHot(Int32Array.of(2, 0), 3)).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0));
  });
});
