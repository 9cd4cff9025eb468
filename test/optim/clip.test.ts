import { beforeAll, describe, expect, it } from 'vitest';
import { clipGradNorm, clipGradValue } from '../../src/optim/clip';
import { sgd } from '../../src/optim/algorithms/sgd';
import { ones } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { backwardWith, numbers, parameter } from '../support/optim';

beforeAll(testDevice);

const SHAPES = [[3, 5], [1], [700], [2, 17]];

/** Parameters with gradients (the third has none), in an optimizer's arena or not. */
function prepare(arena: boolean): { params: Tensor[]; grads: (Float32Array | null)[] } {
  const params = SHAPES.map((shape, i) => parameter(shape, i));
  if (arena) sgd(params);
  const grads = params.map((param, i) => (i === 1 ? null : numbers(param.size, 20 + i).map((x) => 3 * x)));
  backwardWith(params, grads);
  return { params, grads };
}

const normOf = (grads: (Float32Array | null)[], type: number): number => {
  const all = grads.flatMap((grad) => [...(grad ?? [])]);
  return type === 2 ? Math.hypot(...all) : Math.max(...all.map(Math.abs));
};

describe.each([true, false])('with the gradients in an arena: %s', (arena) => {
  it.each([2, Infinity])('clipGradNorm with norm %d', async (normType) => {
    for (const maxNorm of [0.5, 1e3]) {
      const { params, grads } = prepare(arena);
      const norm = clipGradNorm(params, maxNorm, { normType });
      const expected = normOf(grads, normType);
      expect(norm.shape).toEqual([]);
      expectNumbersClose('norm', await norm.data(), [expected], { atol: 0, rtol: 1e-6 });
      const factor = Math.min(1, maxNorm / (expected + 1e-6));
      for (const [i, { grad }] of params.entries()) {
        expect(grad === null).toBe(grads[i] === null);
        if (!grad) continue;
        const expected = (grads[i] ?? new Float32Array()).map((x) => x * factor);
        // A factor of 1 leaves the bits alone.
        expectNumbersClose('grad', await grad.data(), expected, factor === 1 ? { atol: 0, rtol: 0 } : undefined);
      }
    }
  });

  it('clipGradValue', async () => {
    const { params, grads } = prepare(arena);
    clipGradValue(params, 0.75);
    for (const [i, { grad }] of params.entries()) {
      if (!grad) continue;
      const expected = (grads[i] ?? new Float32Array()).map((x) => Math.max(-0.75, Math.min(0.75, x)));
      expectNumbersClose('grad', await grad.data(), expected, { atol: 0, rtol: 0 });
    }
  });
});

describe('edges', () => {
  it('gives the same bits each time', async () => {
    const first = prepare(true).params;
    const second = prepare(true).params;
    const [a, b] = [clipGradNorm(first, 1), clipGradNorm(second, 1)];
    expect(await a.item()).toBe(await b.item());
  });
  it('takes one tensor, and one twice', async () => {
    const param = ones([100_000], { requiresGrad: true });
    param.grad = ones([100_000]);
    expectNumbersClose('norm', [await clipGradNorm([param, param], 1).item()], [Math.sqrt(1e5)]);
    expectNumbersClose('clipped', [await clipGradNorm(param, 1).item()], [1]);
  });
  it('gives 0 where there is no gradient', async () => {
    const param = parameter([3], 1);
    expect(await clipGradNorm(param, 1).item()).toBe(0);
    expect(await clipGradNorm([], 1).item()).toBe(0);
    clipGradValue([], 1);
  });
  it('refuses settings that make no sense', () => {
    const param = parameter([3], 1);
    expect(() => clipGradNorm(param, -1)).toThrow('clipGradNorm: expected maxNorm to be a finite number >= 0, got -1');
    expect(() => clipGradNorm(param, 1, { normType: 3 })).toThrow(
      'clipGradNorm: expected normType to be 2 or Infinity, got 3',
    );
    expect(() => {
      clipGradValue(param, NaN);
    }).toThrow('clipGradValue: expected value to be a finite number >= 0, got NaN');
  });
});

it('a gradient that a step has used up counts as none beside others, and alone as it was', async () => {
  const [first, second] = [parameter([3], 1), parameter([2], 2)];
  const optimizer = sgd([first, second], { lr: 0.1 });
  backwardWith([first, second], [Float32Array.of(1, 2, 2), Float32Array.of(3, 4)]);
  optimizer.step();
  expect(await clipGradNorm([first, second], 1e3).item()).toBeCloseTo(Math.hypot(1, 2, 2, 3, 4), 5);
  backwardWith([first, second], [Float32Array.of(0, 3, 4), null]);
  expect(await clipGradNorm([first, second], 1e3).item()).toBeCloseTo(5, 5);
});
