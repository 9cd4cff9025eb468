import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { conv2d } from '../../src/ops/conv2d/conv2d';
import { forwardVariants, inputGradientVariants, weightGradientVariants } from '../../src/ops/conv2d/tables';
import { conv2dGeometry, type Conv2dGeometry, type Conv2dOptions } from '../../src/ops/conv2d/geometry';
import { isSupported, type Variant } from '../../src/variants/variant';
import { full, tensor } from '../../src/tensor/create/create';
import type { Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { seeds } from '../support/arbitraries';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { draw, expectOp } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { conv2dGradients, conv2dReference, type Conv2dProblem } from '../support/reference/conv2d';

beforeAll(testDevice);

interface Case {
  problem: Conv2dProblem;
  options: Conv2dOptions;
  bias: boolean;
  activation: 'none' | 'relu';
  seed: number;
}

interface Axis {
  kernel: number;
  stride: number;
  dilation: number;
  padding: number;
  room: number;
}

/** The plane's size in which the kernel has `room` places to go beyond the first. */
const sizeOf = ({ kernel, dilation, padding, room }: Axis): number =>
  Math.max(1, dilation * (kernel - 1) + 1 - 2 * padding) + room;

/** Kernels whose code is unrolled over the taps are compiled for each size: these are few. */
const KERNELS = [
  [1, 1],
  [3, 3],
  [5, 5],
  [2, 3],
  [4, 1],
] as const;

const axis = fc.record({
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  padding: fc.nat(4),
  room: fc.nat(8),
});

const common = {
  batch: fc.integer({ min: 1, max: 5 }),
  bias: fc.boolean(),
  activation: fc.constantFrom('none', 'relu'),
  seed: seeds,
} as const;

/** Any settings on few channels. */
const general: fc.Arbitrary<Case> = fc
  .record({
    ...common,
    kernel: fc.constantFrom<(readonly [number, number])[]>(...KERNELS),
    h: axis,
    w: axis,
    groups: fc.integer({ min: 1, max: 3 }),
    inputs: fc.integer({ min: 1, max: 4 }),
    outputs: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ batch, bias, activation, seed, kernel, h, w, groups, inputs, outputs }) => ({
    problem: {
      input: [batch, groups * inputs, sizeOf({ ...h, kernel: kernel[0] }), sizeOf({ ...w, kernel: kernel[1] })],
      weight: [groups * outputs, inputs, ...kernel],
      stride: [h.stride, w.stride],
      dilation: [h.dilation, w.dilation],
      pad: [h.padding, w.padding, h.padding, w.padding],
      groups,
    },
    options: { stride: [h.stride, w.stride], dilation: [h.dilation, w.dilation], padding: [h.padding, w.padding], groups }, // prettier-ignore
    bias,
    activation,
    seed,
  }));

/** What networks are made of: stride 1, square kernels, many channels, wider planes. The special kernels serve these. */
const usual: fc.Arbitrary<Case> = fc
  .record({
    ...common,
    kernel: fc.constantFrom(1, 3, 5),
    padding: fc.constantFrom<(number | 'same')[]>('same', 0, 1, 6),
    height: fc.integer({ min: 5, max: 12 }),
    width: fc.integer({ min: 7, max: 33 }),
    inputs: fc.constantFrom(1, 3, 4, 9),
    outputs: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ batch, bias, activation, seed, kernel, padding, height, width, inputs, outputs }) => {
    const pad = padding === 'same' ? (kernel - 1) / 2 : padding;
    const problem = {
      input: [batch, inputs, height, width],
      weight: [outputs, inputs, kernel, kernel],
      stride: [1, 1],
      dilation: [1, 1],
      pad: [pad, pad, pad, pad],
      groups: 1,
    } as const;
    return { problem, options: { padding }, bias, activation, seed };
  });

function setup({ problem, bias, activation, seed }: Case) {
  const [x, w, b] = [draw(problem.input, seed), draw(problem.weight, seed + 1), draw([problem.weight[0]], seed + 2)];
  const { shape, data: before } = conv2dReference(problem, x.data, w.data, bias ? b.data : null);
  const relu = activation === 'relu';
  // Where ReLU's kink is within rounding, nothing comes back.
  const upstream = numbers(before.length, seed + 3).map((g, i) => (relu && Math.abs(before[i]) < 1e-4 ? 0 : g));
  const behind = upstream.map((g, i) => (relu && before[i] <= 0 ? 0 : g));
  return {
    x,
    w,
    b,
    expected: { shape, data: relu ? before.map((y) => Math.max(y, 0)) : before },
    upstream,
    /** The gradient in front of the activation: what the gradients' kernels are given. */
    behind,
    gradients: conv2dGradients(problem, x.data, w.data, behind),
  };
}

const TOLERANCE = { atol: 3e-5, rtol: 1e-5 };

async function checkOp(c: Case): Promise<void> {
  const { x, w, b, expected, upstream, gradients } = setup(c);
  const { input, weight, bias } = gradients;
  const wanted = { ...expected, upstream, grads: c.bias ? [input, weight, bias] : [input, weight] };
  const fn = (t: Tensor, v: Tensor, d?: Tensor) => conv2d(t, v, d, { ...c.options, activation: c.activation });
  await expectOp('conv2d', fn, c.bias ? [x, w, b] : [x, w], wanted, TOLERANCE);
}

async function checkVariants(c: Case): Promise<void> {
  const { x, w, b, expected, behind, gradients } = setup(c);
  const geometry = conv2dGeometry(c.problem.input, c.problem.weight, c.options);
  using input = tensor(x.data, { shape: x.shape }) as Tensor;
  using weight = tensor(w.data, { shape: w.shape }) as Tensor;
  using bias = tensor(b.data, { shape: b.shape }) as Tensor;
  using gradient = tensor(behind, { shape: expected.shape });
  const { device } = input;
  // Of those that no table would take here, one: each costs software adapters a pipeline.
  const checked = <V extends Variant<Conv2dGeometry>>(table: readonly V[]): V[] =>
    table.filter(
      (v) => isSupported(v, geometry, device.info) && (v.preferred(geometry, device.info) || v.name === 'tiled 32x32'),
    );
  const compare = async (name: string, shape: Shape, wanted: ArrayLike<number>, launch: (out: Tensor) => void) => {
    // What the kernel does not write stays 1e30.
    using out = full(shape, 1e30);
    launch(out);
    expectNumbersClose(name, await out.data(), wanted, TOLERANCE);
  };
  for (const { name, launch } of checked(forwardVariants)) {
    await compare(`forward ${name}`, expected.shape, expected.data, (out) => {
      launch(geometry, input, weight, c.bias ? bias : null, c.activation, out);
    });
  }
  for (const { name, launch } of checked(inputGradientVariants)) {
    await compare(`input gradient ${name}`, x.shape, gradients.input, (out) => {
      launch(geometry, gradient, weight, out);
    });
  }
  for (const { name, launch } of checked(weightGradientVariants)) {
    await compare(`bias gradient ${name}`, b.shape, gradients.bias, (outBias) => {
      using out = full(w.shape, 1e30);
      launch(geometry, input, gradient, out, outBias);
    });
    await compare(`weight gradient ${name}`, w.shape, gradients.weight, (out) => {
      launch(geometry, input, gradient, out, null);
    });
  }
}

describe('conv2d and its gradients', () => {
  holdsFor('of any settings', general, 60, checkOp);
  holdsFor('of the usual settings', usual, 30, checkOp);
});

describe('every kernel that runs a case', () => {
  holdsFor('any settings', general, 20, checkVariants);
  holdsFor('the usual settings', usual, 25, checkVariants);
});
