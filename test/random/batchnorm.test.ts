import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { batchNorm } from '../../src/ops';
import { tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { seeds } from '../support/arbitraries';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { draw, expectOp } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { batchNormGradients, batchNormReference } from '../support/reference/batchnorm';

beforeAll(testDevice);

const size = (max: number) => fc.integer({ min: 1, max });
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(size(90), size(9)),
  fc.tuple(size(9), size(9), size(40)),
  fc.tuple(size(9), size(9), size(12), size(12)),
);

const cases = fc.record({
  shape: anyShape,
  training: fc.boolean(),
  weight: fc.boolean(),
  bias: fc.boolean(),
  relu: fc.boolean(),
  mean: fc.constantFrom(0, 20),
  eps: fc.constantFrom(1e-2, 1e-3),
  momentum: fc.constantFrom(0.1, 1),
  seed: seeds,
});

describe('batchNorm', () => {
  holdsFor('with its gradients and running statistics, and a ReLU in front', cases, 100, async (c) => {
    const { training, eps, momentum, seed } = c;
    // Training wants two values a channel.
    const shape = training && sizeOf(c.shape) === c.shape[1] ? c.shape.map((n, k) => (k === 0 ? 2 : n)) : c.shape;
    const channels = shape[1];
    const positive = (part: number) => numbers(channels, seed + part).map((v) => 1.2 + v);
    const x = { shape, data: draw(shape, seed, 2).data.map((v) => v + c.mean) };
    const given = { mean: numbers(channels, seed + 1).map((v) => v + c.mean), variance: positive(2) };
    const weight = { shape: [channels], data: c.weight ? positive(3) : new Float32Array(channels).fill(1) };
    const bias = { shape: [channels], data: c.bias ? numbers(channels, seed + 4) : new Float32Array(channels) };

    const statistics = training ? undefined : given;
    const normalised = c.relu ? x.data.map((v) => Math.max(v, 0)) : x.data;
    const reference = batchNormReference(normalised, shape, weight.data, bias.data, eps, statistics);
    const upstream = numbers(x.data.length, seed + 5);
    const slopes = batchNormGradients(normalised, shape, weight.data, upstream, eps, statistics);

    using runningMean = tensor(given.mean);
    using runningVar = tensor(given.variance);
    const fn = (t: Tensor, ...rest: Tensor[]) =>
      batchNorm(t, {
        weight: c.weight ? rest[0] : null,
        bias: c.bias ? rest[rest.length - 1] : null,
        runningMean,
        runningVar,
        training,
        momentum,
        eps,
        relu: c.relu,
      });
    const inputs = [x, ...(c.weight ? [weight] : []), ...(c.bias ? [bias] : [])];
    const dx = slopes.x.map((v, i) => (c.relu && x.data[i] <= 0 ? 0 : v));
    const grads = [dx, ...(c.weight ? [slopes.weight] : []), ...(c.bias ? [slopes.bias] : [])];
    // A mean of 20 is off by 1e-6, which is divided by a deviation of at least 0.03, and that grows in the gradient.
    const tolerance = c.mean === 0 ? { atol: 1e-5, rtol: 1e-5 } : { atol: 2e-4, rtol: 1e-4 };
    const gradient = c.mean === 0 ? { atol: 5e-5, rtol: 5e-5 } : { atol: 1e-3, rtol: 1e-3 };
    await expectOp('batchNorm', fn, inputs, { shape, data: reference.y, upstream, grads }, { ...tolerance, gradient });

    const mix = (before: Float32Array, now: number[]) =>
      training ? before.map((v, i) => (1 - momentum) * v + momentum * now[i]) : before;
    expectNumbersClose('running mean', await runningMean.data(), mix(given.mean, reference.mean));
    const variance = mix(given.variance, reference.variance);
    expectNumbersClose('running variance', await runningVar.data(), variance, { atol: 1e-5, rtol: 1e-4 });
  });
});
