import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { avgPool2d, globalAvgPool2d, maxPool2d } from '../../src/ops';
import type { Tensor } from '../../src/tensor/tensor';
import { seeds } from '../support/arbitraries';
import { testDevice } from '../support/device';
import { draw, expectOp } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { avgPool2dReference, maxPool2dReference, type Pool2dProblem, type Pooled } from '../support/reference/pool2d';

beforeAll(testDevice);

interface Axis {
  kernel: number;
  stride: number;
  dilation: number;
  padding: number;
  size: number;
}

/** One axis of a window and of a plane on which it has room. */
const axis = (dilations: number): fc.Arbitrary<Axis> =>
  fc
    .record({
      kernel: fc.integer({ min: 1, max: 4 }),
      stride: fc.integer({ min: 1, max: 5 }),
      dilation: fc.integer({ min: 1, max: dilations }),
      padding: fc.nat(2),
      room: fc.nat(9),
    })
    .map(({ kernel, stride, dilation, padding, room }) => {
      const pad = Math.min(padding, Math.floor(kernel / 2));
      const size = Math.max(1, dilation * (kernel - 1) + 1 - 2 * pad) + room;
      return { kernel, stride, dilation, padding: pad, size };
    });

const cases = (dilations: number) =>
  fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    h: axis(dilations),
    w: axis(dilations),
    seed: seeds,
    include: fc.boolean(),
    whole: fc.boolean(),
  });
type Case = ReturnType<typeof cases> extends fc.Arbitrary<infer T> ? T : never;

const problemOf = ({ batch, channels, h, w }: Case): Pool2dProblem => ({
  input: [batch, channels, h.size, w.size],
  kernel: [h.kernel, w.kernel],
  stride: [h.stride, w.stride],
  padding: [h.padding, w.padding],
  dilation: [h.dilation, w.dilation],
});

function check(label: string, pool: (x: Tensor) => Tensor, problem: Pool2dProblem, x: Float32Array, wanted: Pooled) {
  const upstream = numbers(wanted.data.length, 5);
  return expectOp(
    label,
    pool,
    [{ shape: problem.input, data: x }],
    { ...wanted, upstream, grads: [wanted.gradient(upstream)] },
    { atol: 1e-6, rtol: 1e-6, gradient: { atol: 3e-6, rtol: 1e-6 } },
  );
}

describe('pooling', () => {
  holdsFor('maxPool2d and its gradient', cases(3), 100, (c) => {
    const problem = problemOf(c);
    // Whole numbers tie: the first of them wins.
    const x = draw(problem.input, c.seed, 3).data.map((v) => (c.whole ? Math.round(v) : v)) as Float32Array;
    const { kernel, stride, padding, dilation } = problem;
    const pool = (t: Tensor) => maxPool2d(t, kernel, { stride, padding, dilation });
    return check('maxPool2d', pool, problem, x, maxPool2dReference(problem, x));
  });
  holdsFor('avgPool2d and its gradient', cases(1), 80, (c) => {
    const problem = problemOf(c);
    const x = draw(problem.input, c.seed).data as Float32Array;
    const { kernel, stride, padding } = problem;
    const pool = (t: Tensor) => avgPool2d(t, kernel, { stride, padding, countIncludePad: c.include });
    return check('avgPool2d', pool, problem, x, avgPool2dReference(problem, x, c.include));
  });
  holdsFor('globalAvgPool2d and its gradient', cases(1), 20, (c) => {
    const { input } = problemOf(c);
    const kernel = [input[2], input[3]] as const;
    const problem: Pool2dProblem = { input, kernel, stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
    const x = draw(input, c.seed).data as Float32Array;
    return check('globalAvgPool2d', globalAvgPool2d, problem, x, avgPool2dReference(problem, x, true));
  });
});
