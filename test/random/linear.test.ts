import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { linear } from '../../src/ops';
import { sizeOf } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { seeds } from '../support/arbitraries';
import { testDevice } from '../support/device';
import { draw, expectOp } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';

beforeAll(testDevice);

/** Around and beyond the tiles of the kernels. */
const extent = fc.integer({ min: 1, max: 40 });

const cases = fc.record({
  lead: fc.oneof(fc.tuple(extent), fc.constant([]), fc.tuple(fc.integer({ min: 1, max: 4 }), extent)),
  inputs: extent,
  outputs: extent,
  bias: fc.boolean(),
  activation: fc.constantFrom('none', 'relu'),
  seed: seeds,
});

describe('linear', () => {
  holdsFor('with its gradients, and a ReLU behind', cases, 60, ({ lead, inputs, outputs, bias, activation, seed }) => {
    const relu = activation === 'relu';
    const [x, w, b] = [draw([...lead, inputs], seed), draw([outputs, inputs], seed + 1), draw([outputs], seed + 2)];
    const upstream = numbers(sizeOf(lead) * outputs, seed + 3);
    const [dx, dw, db] = [x, w, b].map((t) => new Float64Array(t.data.length));
    const data = Array.from(upstream, (_, i) => {
      const [row, o] = [Math.floor(i / outputs), i % outputs];
      let y = bias ? b.data[o] : 0;
      for (let k = 0; k < inputs; k++) y += x.data[row * inputs + k] * w.data[o * inputs + k];
      if (relu) {
        // Where the kink is within rounding, nothing comes back.
        if (Math.abs(y) < 1e-4) upstream[i] = 0;
        if (y <= 0) return 0;
      }
      db[o] += upstream[i];
      for (let k = 0; k < inputs; k++) {
        dx[row * inputs + k] += upstream[i] * w.data[o * inputs + k];
        dw[o * inputs + k] += upstream[i] * x.data[row * inputs + k];
      }
      return y;
    });
    const given = bias ? [x, w, b] : [x, w];
    const wanted = { shape: [...lead, outputs], data, upstream, grads: bias ? [dx, dw, db] : [dx, dw] };
    const fn = (t: Tensor, v: Tensor, c?: Tensor) => linear(t, v, c, { activation });
    return expectOp('linear', fn, given, wanted, { atol: 2e-5, rtol: 1e-6 });
  });
});
