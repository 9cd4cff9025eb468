import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { crossEntropy, logSoftmax, mseLoss, nllLoss, softmax } from '../../src/ops';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { seeds, shapes } from '../support/arbitraries';
import { testDevice } from '../support/device';
import { draw, expectOp } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { crossEntropyReference } from '../support/reference/losses';
import { reducedPlaces } from '../support/reference/reduce';
import { logSoftmaxReference } from '../support/reference/softmax';

beforeAll(testDevice);

// Rows from 4096 elements on are served by a workgroup each; short ones by an invocation.
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 12, arbitrary: shapes(1, 4, 12) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4096, max: 5000 })) },
);
const logitScales = fc.constantFrom(1, 20, 1e4);

describe('softmax', () => {
  holdsFor(
    'softmax and logSoftmax with their gradients',
    fc.record({ shape: anyShape, axis: fc.nat(3), log: fc.boolean(), scale: logitScales, seed: seeds }),
    80,
    ({ shape, axis: pick, log, scale, seed }) => {
      const axis = pick % shape.length;
      const x = draw(shape, seed, scale);
      const logs = logSoftmaxReference(x.data, shape, axis);
      const data = log ? logs : logs.map(Math.exp);
      const upstream = numbers(data.length, seed + 1);
      const grad = new Float64Array(data.length);
      for (const places of reducedPlaces(shape, [axis])) {
        const total = places.reduce((sum, at) => sum + upstream[at] * (log ? 1 : data[at]), 0);
        for (const at of places)
          grad[at] = log ? upstream[at] - Math.exp(logs[at]) * total : data[at] * (upstream[at] - total);
      }
      const fn = (t: Tensor) => (log ? logSoftmax(t, axis) : softmax(t, axis));
      const tolerance = { atol: log ? 3e-6 : 1e-7, rtol: 2e-5, gradient: { atol: 3e-6, rtol: 2e-5 } };
      return expectOp(log ? 'logSoftmax' : 'softmax', fn, [x], { shape, data, upstream, grads: [grad] }, tolerance);
    },
  );
});

describe('losses', () => {
  const reduction = fc.constantFrom('mean', 'sum', 'none');

  /** Result and upstream gradient of losses that are averaged, summed or left alone; `share` is that of each loss. */
  const reduced = (losses: ArrayLike<number>, kind: 'mean' | 'sum' | 'none', shape: Shape, seed: number) => {
    const list = Array.from(losses);
    const scale = kind === 'mean' ? 1 / list.length : 1;
    const upstream = numbers(kind === 'none' ? list.length : 1, seed);
    return {
      shape: kind === 'none' ? shape : [],
      data: kind === 'none' ? list : [scale * list.reduce((a, b) => a + b, 0)],
      upstream,
      share: (loss: number) => scale * upstream[kind === 'none' ? loss : 0],
    };
  };

  holdsFor(
    'crossEntropy and nllLoss with their gradients',
    fc.record({
      shape: shapes(2, 4, 9),
      smoothing: fc.constantFrom(0, 0.1, 1),
      nll: fc.boolean(),
      scale: logitScales,
      reduction,
      seed: seeds,
    }),
    100,
    ({ shape, smoothing, nll, scale, reduction: kind, seed }) => {
      const drawn = draw(shape, seed, scale);
      // Logarithms of probabilities are not positive.
      const x = nll ? { shape, data: drawn.data.map((v) => -Math.abs(v)) } : drawn;
      const targetShape = shape.filter((_, axis) => axis !== 1);
      const picks = numbers(sizeOf(targetShape), seed + 1);
      const target = {
        shape: targetShape,
        data: Int32Array.from(picks, (v) => Math.floor(((v + 1) / 2) * shape[1] * 0.999)),
      };
      const rows = reducedPlaces(shape, [1]);
      const { losses, slopes } = nll
        ? {
            losses: rows.map((places, row) => -x.data[places[target.data[row]]]),
            slopes: Float64Array.from(x.data, (_, i) => -Number(rows.some((places, row) => places[target.data[row]] === i))), // prettier-ignore
          }
        : crossEntropyReference(x.data, shape, target.data, smoothing);
      const { share, ...expected } = reduced(losses, kind, targetShape, seed + 2);
      const grad = new Float64Array(x.data.length);
      rows.forEach((places, row) => {
        for (const at of places) grad[at] = slopes[at] * share(row);
      });
      return expectOp(
        nll ? 'nllLoss' : `crossEntropy, smoothing ${smoothing}`,
        (t, c) =>
          nll ? nllLoss(t, c, { reduction: kind }) : crossEntropy(t, c, { labelSmoothing: smoothing, reduction: kind }),
        [x, target],
        { ...expected, grads: [grad, null] },
        { atol: 3e-6, rtol: 1e-5, gradient: { atol: 3e-6, rtol: 1e-5 } },
      );
    },
  );

  holdsFor(
    'mseLoss with its gradients',
    fc.record({ shape: shapes(0, 3, 9), reduction, seed: seeds }),
    40,
    ({ shape, reduction: kind, seed }) => {
      const [a, b] = [draw(shape, seed, 3), draw(shape, seed + 1, 3)];
      const gaps = Float64Array.from(a.data, (v, i) => v - b.data[i]);
      const { share, ...expected } = reduced(gaps.map((gap) => gap * gap), kind, shape, seed + 2); // prettier-ignore
      const grad = gaps.map((gap, i) => 2 * gap * share(i));
      const grads = [grad, grad.map((g) => -g)];
      return expectOp('mseLoss', (x, y) => mseLoss(x, y, { reduction: kind }), [a, b], { ...expected, grads });
    },
  );
});
