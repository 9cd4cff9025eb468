import { beforeAll, describe, expect, it } from 'vitest';
import { layerNorm } from '../../../src/ops/layernorm/layernorm';
import { rand, tensor } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';

beforeAll(testDevice);

interface Result {
  readonly y: Float64Array;
  readonly dx: Float64Array;
  readonly dw: Float64Array;
  readonly db: Float64Array;
}

/** Of rows of `n` elements, in float64 and by the definition. */
function reference(x: Float32Array, n: number, w: Float32Array, b: Float32Array, g: Float32Array): Result {
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [dw, db] = [new Float64Array(n), new Float64Array(n)];
  for (let at = 0; at < x.length; at += n) {
    const average = (f: (k: number) => number): number => {
      let total = 0;
      for (let k = 0; k < n; k++) total += f(k);
      return total / n;
    };
    const mean = average((k) => x[at + k]);
    const inverse = 1 / Math.sqrt(average((k) => (x[at + k] - mean) ** 2) + 1e-5);
    const unit = (k: number): number => (x[at + k] - mean) * inverse;
    const u = average((k) => g[at + k] * w[k]);
    const ux = average((k) => g[at + k] * w[k] * unit(k));
    for (let k = 0; k < n; k++) {
      y[at + k] = unit(k) * w[k] + b[k];
      dx[at + k] = inverse * (g[at + k] * w[k] - u - unit(k) * ux);
      dw[k] += g[at + k] * unit(k);
      db[k] += g[at + k];
    }
  }
  return { y, dx, dw, db };
}

const gradOf = async (x: Tensor): Promise<ArrayLike<number>> => (await x.grad?.data()) ?? [];

describe('layerNorm', () => {
  it.each<[number, Shape, number]>([
    [7, [5], 0],
    [3, [4, 2], 100],
    // Weight and bias summed in slices.
    [2000, [3], 0],
    // A workgroup a row, on software adapters too.
    [3, [4100], 0],
    [1, [1], 0],
  ])('%i rows of %j around %d', async (rows, normalized, offset) => {
    const n = normalized.reduce((a, b) => a * b);
    const shape = [rows, ...normalized];
    const [x, w, b, g] = [rows * n, n, n, rows * n].map((size, i) => numbers(size, i + 1));
    const moved = x.map((v) => v + offset);
    const input = tensor(moved, { shape, requiresGrad: true });
    const [weight, bias] = [w, b].map((data) => tensor(data, { shape: normalized, requiresGrad: true }));
    const out = layerNorm(input, normalized, { weight, bias });
    out.backward({ gradient: tensor(g, { shape }) });
    const expected = reference(moved, n, w, b, g);
    const near = { atol: offset > 0 ? 1e-3 : 2e-5, rtol: 1e-5 };
    expectNumbersClose('y', await out.data(), expected.y, near);
    expectNumbersClose('dx', await gradOf(input), expected.dx, near);
    expectNumbersClose('dw', await gradOf(weight), expected.dw, { ...near, atol: near.atol * 10 });
    expectNumbersClose('db', await gradOf(bias), expected.db, { ...near, atol: near.atol * 10 });
  });

  it('leaves out weight, bias, or both', async () => {
    const data = numbers(12, 1);
    const x = tensor(data, { shape: [3, 4] });
    const [weight, bias] = [tensor([1, 2, 3, 4]), tensor([5, 6, 7, 8])];
    const plain = await layerNorm(x, 4).data();
    const parts = { weight, bias };
    for (const [options, f] of [
      [{ weight }, (v: number, k: number) => v * (k + 1)],
      [{ bias }, (v: number, k: number) => v + k + 5],
      [parts, (v: number, k: number) => v * (k + 1) + k + 5],
    ] as const) {
      const expected = Array.from(plain, (v, i) => f(v, i % 4));
      expectNumbersClose('y', await layerNorm(x, [4], options).data(), expected, { atol: 1e-6 });
    }
  });

  it('computes only the gradients that are needed', async () => {
    const x = rand([6, 4]);
    const weight = tensor([1, 2, 3, 4], { requiresGrad: true });
    layerNorm(x, 4, { weight, bias: rand([4]) }).backward({ gradient: rand([6, 4]) });
    expect(x.grad).toBeNull();
    expect((await gradOf(weight)).length).toBe(4);
  });

  it('says what does not fit', () => {
    const x = rand([2, 3, 4]);
    const wrong = [
      [() => layerNorm(x, 3), 'expected input with the last axes [3], got [2, 3, 4]'],
      [() => layerNorm(x, []), 'expected input with the last axes [], got [2, 3, 4]'],
      [() => layerNorm(rand([4]), [3, 4]), 'expected input with the last axes [3, 4], got [4]'],
      [() => layerNorm(x, 4, { weight: rand([3]) }), 'expected weight [4], got [3]'],
      [() => layerNorm(x, 4, { weight: rand([4]), bias: rand([3]) }), 'expected bias [4], got [3]'],
      [() => layerNorm(x, 4, { bias: rand([1]) }), 'expected bias [4], got [1]'],
      [() => layerNorm(tensor(new Int32Array(4)) as never, 4), 'expected input of float32, got int32'],
    ] as const;
    for (const [call, message] of wrong) expect(call).toThrow(`layerNorm: ${message}`);
  });
});
