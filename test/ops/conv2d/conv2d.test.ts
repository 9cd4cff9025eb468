import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { conv2d } from '../../../src/ops/conv2d/conv2d';
import { forwardVariants, inputGradientVariants, weightGradientVariants } from '../../../src/ops/conv2d/tables';
import { conv2dGeometry, type Conv2dGeometry } from '../../../src/ops/conv2d/geometry';
import { isSupported, type Variant } from '../../../src/variants/variant';
import type { Device } from '../../../src/runtime/device';
import { full, rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectClose, expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { conv2dGradients, conv2dReference } from '../../support/reference/conv2d';
import { CONV2D_CASES, problemOf, type Conv2dCase } from '../../support/reference/conv2d-cases';

beforeAll(testDevice);

function setup(c: Conv2dCase) {
  const x = numbers(sizeOf(c.input), 1);
  const w = numbers(sizeOf(c.weight), 2);
  const bias = c.bias ? numbers(c.weight[0], 3) : null;
  const problem = problemOf(c);
  const expected = conv2dReference(problem, x, w, bias);
  const dy = numbers(expected.data.length, 4);
  return { x, w, bias, expected, dy, gradients: conv2dGradients(problem, x, w, dy) };
}

const leaf = (data: Float32Array, shape: Shape): Tensor => tensor(data, { shape, requiresGrad: true });
const gradOf = (leaf: Tensor): Tensor => leaf.grad ?? expect.fail('no gradient');

describe.each(CONV2D_CASES)('$what', (c) => {
  it('agrees with the definition, forward and backward', async () => {
    const { x, w, bias, expected, dy, gradients } = setup(c);
    const [input, weight] = [leaf(x, c.input), leaf(w, c.weight)];
    const b = bias && leaf(bias, [c.weight[0]]);
    const out = conv2d(input, weight, b, c.options);
    await expectClose('output', out, expected);
    out.backward({ gradient: tensor(dy, { shape: expected.shape }) });
    await expectClose('gradient of input', gradOf(input), { shape: c.input, data: gradients.input });
    await expectClose('gradient of weight', gradOf(weight), { shape: c.weight, data: gradients.weight });
    if (b) await expectClose('gradient of bias', gradOf(b), { shape: b.shape, data: gradients.bias });
  });

  it('passes gradcheck', async () => {
    const { x, w, bias } = setup(c);
    const inputs = [leaf(x, c.input), leaf(w, c.weight), ...(bias ? [leaf(bias, [c.weight[0]])] : [])];
    const options = { name: c.what, elements: 6, directions: 1 };
    await gradcheck((input, weight, b?: Tensor) => conv2d(input, weight, b, c.options), inputs, options);
  });
});

/** Each tile costs software adapters pipelines: the others have a test of their own. */
const checked = <V extends Variant<Conv2dGeometry>>(
  table: readonly V[],
  geometry: Conv2dGeometry,
  device: Device,
): V[] =>
  table.filter(
    (v) => isSupported(v, geometry, device.info) && (v.name === 'tiled 32x32' || !v.name.startsWith('tiled')),
  );

describe('every variant that runs a case', () => {
  it.each(CONV2D_CASES)('$what', async (c) => {
    const { x, w, bias, expected, dy, gradients } = setup(c);
    const geometry = conv2dGeometry(c.input, c.weight, c.options);
    const [input, weight] = [tensor(x, { shape: c.input }), tensor(w, { shape: c.weight })];
    const [b, gradient] = [bias && tensor(bias), tensor(dy, { shape: expected.shape })];
    const { device } = input;
    for (const { name, launch } of checked(forwardVariants, geometry, device)) {
      for (const activation of ['none', 'relu'] as const) {
        // What the kernel does not write stays 9.
        const out = full(expected.shape, 9);
        launch(geometry, input, weight, b, activation, out);
        const data = activation === 'relu' ? expected.data.map((v) => Math.max(v, 0)) : expected.data;
        await expectClose(`forward ${name}, activation ${activation}`, out, { ...expected, data });
      }
    }
    for (const { name, launch } of checked(inputGradientVariants, geometry, device)) {
      const out = full(c.input, 9);
      launch(geometry, gradient, weight, out);
      await expectClose(`input gradient ${name}`, out, { shape: c.input, data: gradients.input });
    }
    for (const { name, launch } of checked(weightGradientVariants, geometry, device)) {
      const out = full(c.weight, 9);
      const bias = full([c.weight[0]], 9);
      launch(geometry, input, gradient, out, bias);
      await expectClose(`weight gradient ${name}`, out, { shape: c.weight, data: gradients.weight });
      await expectClose(`bias gradient ${name}`, bias, { shape: bias.shape, data: gradients.bias });
    }
  });
});

describe('the tables of variants', () => {
  it('end in a general one', async () => {
    const geometry = conv2dGeometry([1, 3, 5, 5], [3, 1, 2, 2], { groups: 3, dilation: 2 });
    for (const table of [forwardVariants, inputGradientVariants, weightGradientVariants]) {
      expect(table.at(-1)?.name).toBe('general');
      expect(table.at(-1)?.preferred(geometry, (await testDevice()).info)).toBe(true);
    }
  });
});

describe('edges', () => {
  it('adds up many slices accurately, and in the same order each time', async () => {
    const c: Conv2dCase = { what: 'long', input: [3, 1, 120, 90], weight: [3, 1, 3, 3] };
    const { x, w, dy, expected, gradients } = setup(c);
    const run = async () => {
      const weight = leaf(w, c.weight);
      conv2d(tensor(x, { shape: c.input }), weight).backward({ gradient: tensor(dy, { shape: expected.shape }) });
      return gradOf(weight).data();
    };
    const first = await run();
    expectNumbersClose('weight', first, gradients.weight, { atol: 1e-4, rtol: 1e-5 });
    expect(await run()).toEqual(first);
  });

  it('computes only the gradients that are wanted', () => {
    const [input, weight, bias] = [rand([1, 2, 4, 4]), rand([3, 2, 3, 3]), rand([3], { requiresGrad: true })];
    conv2d(input, weight, bias).backward({ gradient: rand([1, 3, 2, 2]) });
    expect([input.grad, weight.grad, bias.grad?.shape]).toEqual([null, null, [3]]);
  });
});
