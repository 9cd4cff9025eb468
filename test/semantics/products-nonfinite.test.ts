import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { conv2d } from '../../src/ops/conv2d/conv2d';
import type { Activation } from '../../src/ops/elementwise/activation';
import { conv2dGeometry, type Conv2dGeometry, type Conv2dOptions } from '../../src/ops/conv2d/geometry';
import { forwardVariants, inputGradientVariants, weightGradientVariants } from '../../src/ops/conv2d/tables';
import { linear } from '../../src/ops/matmul/linear';
import { matmul } from '../../src/ops/matmul/matmul';
import type { MatmulProblem } from '../../src/ops/matmul/problem';
import { MATMUL_VARIANTS } from '../../src/ops/matmul/table';
import type { Device } from '../../src/runtime/device';
import { full, tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { isSupported, type Variant } from '../../src/variants/variant';
import { seeds } from '../support/arbitraries';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { expectOp } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { conv2dGradients, conv2dReference, type Conv2dProblem } from '../support/reference/conv2d';
import { matmulReference, transposeReference } from '../support/reference/matmul';

// The rule: a result is the sum of the terms that exist, by IEEE's arithmetic. JavaScript has that: its loops are the
// reference.

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

// An adapter may take a denormal number for 0: the tolerance is far above all of them.
const TOLERANCE = { atol: 2e-4, rtol: 1e-5 };
const DENORMAL = 1e-40;
const SPECIAL = [NaN, Infinity, -Infinity, -0, DENORMAL];

/**
 * Where kernels treat elements in a way of their own: both ends, the ends of the first and the last row, the middle.
 */
const placesIn = (length: number, width: number): number[] => [
  ...new Set([0, width - 1, Math.floor(length / 2), length - width, length - 1]),
];

/** Calls `check` with each special number at each place of each operand in turn. */
async function forEachSpecial(
  operands: readonly Float32Array[],
  widths: readonly number[],
  check: (what: string, operands: readonly Float32Array[]) => Promise<void>,
): Promise<void> {
  for (const [i, operand] of operands.entries())
    for (const place of placesIn(operand.length, widths[i]))
      for (const value of SPECIAL) {
        const changed = operands.map((each) => each.slice());
        changed[i][place] = value;
        await check(`${Object.is(value, -0) ? '-0' : value} at ${place} of operand ${i}`, changed);
      }
}

/** Launches into a tensor that is full of 1e30, and compares. */
async function compare(
  what: string,
  shape: Shape,
  expected: ArrayLike<number>,
  launch: (out: Tensor) => void,
): Promise<void> {
  using out = full(shape, 1e30);
  launch(out);
  expectNumbersClose(what, await out.data(), expected, TOLERANCE);
}

const relu = (x: Float64Array): Float64Array => x.map((v) => Math.max(v, 0));

describe.each(MATMUL_VARIANTS.map((variant) => [variant.name, variant] as const))('matmul, %s', (_, variant) => {
  it.each([
    [16, 3, 32],
    [17, 5, 33],
    [9, 1, 9],
    [33, 641, 20],
  ])('%i x %i x %i', async (rows, depth, columns) => {
    const problem: MatmulProblem = {
      rows,
      columns,
      depth,
      aRow: depth,
      aDepth: 1,
      bDepth: columns,
      bColumn: 1,
      batchShape: [1],
      aBatch: [0],
      bBatch: [0],
    };
    if (!isSupported(variant, problem, device.info)) return;
    const operands = [numbers(rows * depth, 1), numbers(depth * columns, 2), numbers(columns, 3)];
    await forEachSpecial(operands, [depth, columns, 1], async (what, [a, b, bias]) => {
      using left = tensor(a);
      using right = tensor(b);
      using added = tensor(bias);
      const expected = relu(matmulReference(a, b, rows, depth, columns).map((v, i) => v + bias[i % columns]));
      await compare(`${variant.name}, ${what}`, [1, rows, columns], expected, (out) => {
        variant.launch('matmul', problem, { a: left, b: right, bias: added, activation: 'relu', out });
      });
    });
  });
});

/** Kernels for every variant: around edges, beyond them, with gaps, apart in groups. */
const CONVOLUTIONS: [string, Conv2dProblem, Conv2dOptions][] = [
  ['3x3, padding 1', { ...problemOf([2, 3, 5, 16], [9, 3, 3, 3]), pad: [1, 1, 1, 1] }, { padding: 1 }],
  ['3x3', problemOf([1, 5, 6, 9], [8, 5, 3, 3]), {}],
  ['5x5, padding 2', { ...problemOf([1, 3, 5, 9], [9, 3, 5, 5]), pad: [2, 2, 2, 2] }, { padding: 2 }],
  ['1x1', problemOf([2, 17, 3, 7], [9, 17, 1, 1]), {}],
  ['3x3, padding 3', { ...problemOf([1, 2, 4, 7], [9, 2, 3, 3]), pad: [3, 3, 3, 3] }, { padding: 3 }],
  [
    'stride [2, 3], padding 1',
    { ...problemOf([2, 2, 6, 7], [10, 2, 3, 2]), stride: [2, 3], pad: [1, 1, 1, 1] },
    { stride: [2, 3], padding: 1 },
  ],
  [
    'dilation 2, padding 2, groups 2',
    { ...problemOf([1, 4, 5, 6], [6, 2, 3, 3]), dilation: [2, 2], pad: [2, 2, 2, 2], groups: 2 },
    { dilation: 2, padding: 2, groups: 2 },
  ],
];

function problemOf(input: Conv2dProblem['input'], weight: Conv2dProblem['weight']): Conv2dProblem {
  return { input, weight, stride: [1, 1], dilation: [1, 1], pad: [0, 0, 0, 0], groups: 1 };
}

/** Those that run here; of the tiles for GPUs, one in most cases: each costs software adapters a pipeline. */
const runnable = <V extends Variant<Conv2dGeometry>>(
  table: readonly V[],
  geometry: Conv2dGeometry,
  all: boolean,
): V[] => table.filter((v) => isSupported(v, geometry, device.info) && (all || !/tiled (?!32x32)/.test(v.name)));

describe.each(CONVOLUTIONS)('conv2d, %s', (name, problem, options) => {
  const geometry = conv2dGeometry(problem.input, problem.weight, options);
  const out = [geometry.batch, geometry.outChannels, geometry.outHeight, geometry.outWidth];
  const all = name === CONVOLUTIONS[0][0];
  const [x, w, bias] = [numbers(sizeOf(problem.input), 1), numbers(sizeOf(problem.weight), 2), numbers(out[1], 3)];
  const dy = numbers(sizeOf(out), 4);
  const load = (data: Float32Array, shape: Shape) => tensor(data, { shape });

  it('forward', async () => {
    await forEachSpecial([x, w, bias], [problem.input[3], problem.weight[3], 1], async (what, [a, b, c]) => {
      using input = load(a, problem.input);
      using weight = load(b, problem.weight);
      using added = tensor(c);
      const expected = relu(conv2dReference(problem, a, b, c).data);
      for (const variant of runnable(forwardVariants, geometry, all))
        await compare(`${variant.name}, ${what}`, out, expected, (result) => {
          variant.launch(geometry, input, weight, added, 'relu', result);
        });
    });
  });

  it('gradient to the input', async () => {
    await forEachSpecial([dy, w], [out[3], problem.weight[3]], async (what, [a, b]) => {
      using gradient = load(a, out);
      using weight = load(b, problem.weight);
      const expected = conv2dGradients(problem, x, b, a).input;
      for (const variant of runnable(inputGradientVariants, geometry, all))
        await compare(`${variant.name}, ${what}`, problem.input, expected, (result) => {
          variant.launch(geometry, gradient, weight, result);
        });
    });
  });

  it('gradients to weight and bias', async () => {
    await forEachSpecial([x, dy], [problem.input[3], out[3]], async (what, [a, b]) => {
      using input = load(a, problem.input);
      using gradient = load(b, out);
      const expected = conv2dGradients(problem, a, w, b);
      for (const variant of runnable(weightGradientVariants, geometry, all)) {
        using toBias = full([out[1]], 1e30);
        await compare(`weight, ${variant.name}, ${what}`, problem.weight, expected.weight, (result) => {
          variant.launch(geometry, input, gradient, result, toBias);
        });
        expectNumbersClose(`bias, ${variant.name}, ${what}`, await toBias.data(), expected.bias, TOLERANCE);
      }
    });
  });
});

/** Up to four special numbers, at any places. */
const specials = fc.array(fc.record({ operand: fc.nat(3), place: fc.nat(), value: fc.constantFrom(...SPECIAL) }), {
  minLength: 1,
  maxLength: 4,
});
type Specials = readonly { operand: number; place: number; value: number }[];

/** Random numbers for operands of these shapes, with the special ones among them. */
function drawWith(shapes: readonly Shape[], seed: number, changes: Specials): Float32Array[] {
  const drawn = shapes.map((shape, i) => numbers(sizeOf(shape), seed + i));
  // Where denormals count as 0, their product with infinity is NaN: they do not meet.
  const infinite = changes.some(({ value }) => Math.abs(value) === Infinity);
  for (const { operand, place, value } of changes) {
    if (infinite && value === DENORMAL) continue;
    const target = drawn[operand % drawn.length];
    target[place % target.length] = value;
  }
  return drawn;
}

const extent = fc.integer({ min: 1, max: 40 });
const activation = fc.constantFrom<Activation[]>('none', 'relu');

describe('ops with their gradients, special numbers anywhere', () => {
  holdsFor(
    'matmul',
    fc.record({ rows: extent, depth: extent, columns: extent, seed: seeds, specials }),
    40,
    ({ rows, depth, columns, seed, specials: changes }) => {
      const shapes = [[rows, depth], [depth, columns], [rows, columns]]; // prettier-ignore
      const [a, b, upstream] = drawWith(shapes, seed, changes);
      return expectOp(
        'matmul',
        (x, y) => matmul(x, y),
        [{ shape: shapes[0], data: a }, { shape: shapes[1], data: b }], // prettier-ignore
        {
          shape: shapes[2],
          data: matmulReference(a, b, rows, depth, columns),
          upstream,
          grads: [
            matmulReference(upstream, transposeReference(b, depth, columns), rows, columns, depth),
            matmulReference(transposeReference(a, rows, depth), upstream, depth, rows, columns),
          ],
        },
        TOLERANCE,
      );
    },
  );

  holdsFor(
    'linear',
    fc.record({ rows: extent, inputs: extent, outputs: extent, activation, seed: seeds, specials }),
    40,
    ({ rows, inputs, outputs, activation: after, seed, specials: changes }) => {
      const shapes = [[rows, inputs], [outputs, inputs], [outputs], [rows, outputs]]; // prettier-ignore
      const [x, w, b, upstream] = drawWith(shapes, seed, changes);
      const sums = matmulReference(x, transposeReference(w, outputs, inputs), rows, inputs, outputs);
      const before = sums.map((v, i) => v + b[i % outputs]);
      const passed = passedBy(after, before, upstream);
      const bias = new Float64Array(outputs);
      passed.forEach((g, i) => (bias[i % outputs] += g));
      return expectOp(
        'linear',
        (t, v, c) => linear(t, v, c, { activation: after }),
        [x, w, b].map((data, i) => ({ shape: shapes[i], data })),
        {
          shape: shapes[3],
          data: activated(after, before),
          upstream,
          grads: [
            matmulReference(passed, w, rows, outputs, inputs),
            matmulReference(transposeReference(passed, rows, outputs), x, outputs, rows, inputs),
            bias,
          ],
        },
        TOLERANCE,
      );
    },
  );

  holdsFor(
    'conv2d',
    fc.record({ convolution: fc.constantFrom(...CONVOLUTIONS), activation, seed: seeds, specials }),
    30,
    ({ convolution: [, problem, options], activation: after, seed, specials: changes }) => {
      const channels = [problem.weight[0]];
      const { shape } = conv2dReference(problem, [], [], null);
      const shapes = [problem.input, problem.weight, channels, shape];
      const [x, w, b, upstream] = drawWith(shapes, seed, changes);
      const before = conv2dReference(problem, x, w, b).data;
      const { input, weight, bias } = conv2dGradients(problem, x, w, passedBy(after, before, upstream));
      return expectOp(
        'conv2d',
        (t, v, c) => conv2d(t, v, c, { ...options, activation: after }),
        [x, w, b].map((data, i) => ({ shape: shapes[i], data })),
        { shape, data: activated(after, before), upstream, grads: [input, weight, bias] },
        TOLERANCE,
      );
    },
  );
});

const activated = (after: Activation, before: Float64Array): Float64Array => (after === 'relu' ? relu(before) : before);

/**
 * The gradient of the activation's input. PyTorch's rule for ReLU lets it pass where the result is not <= 0, NaN
 * included. Where the kink is within rounding, `upstream` is set to 0.
 */
function passedBy(after: Activation, before: Float64Array, upstream: Float32Array): Float32Array {
  if (after === 'none') return upstream;
  before.forEach((v, i) => {
    if (Math.abs(v) < 1e-3) upstream[i] = 0;
  });
  return upstream.map((g, i) => (before[i] <= 0 ? 0 : g));
}
