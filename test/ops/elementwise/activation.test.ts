import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { noGrad } from '../../../src/autograd/mode';
import type { Activation } from '../../../src/ops/elementwise/activation';
import { conv2d } from '../../../src/ops/conv2d/conv2d';
import { linear } from '../../../src/ops/matmul/linear';
import { relu } from '../../../src/ops/elementwise/unary';
import { ones, randn, tensor } from '../../../src/tensor/create/create';
import { tidy } from '../../../src/tensor/scope';
import type { Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { testDevice } from '../../support/device';
import { expectSameBits } from '../../support/same-bits';
import { seeded } from '../../support/seeded';

beforeAll(testDevice);

const leaf = (made: Tensor): Tensor => Object.assign(made, { requiresGrad: true });

type Layer = (x: Tensor, weight: Tensor, bias: Tensor | null, activation: Activation) => Tensor;
const convolution: Layer = (x, w, b, activation) => conv2d(x, w, b, { padding: 1, activation });
const strided: Layer = (x, w, b, activation) => conv2d(x, w, b, { stride: 2, groups: 2, activation });
const dense: Layer = (x, w, b, activation) => linear(x, w, b, { activation });

// The shapes of x and weight choose the kernel: rows and general, subgroup and general.
const CASES: [string, Layer, Shape, Shape][] = [
  ['conv2d', convolution, [2, 3, 8, 9], [16, 3, 3, 3]],
  ['conv2d of few channels', convolution, [2, 3, 5, 4], [2, 3, 3, 3]],
  ['conv2d in groups', strided, [1, 4, 7, 6], [6, 2, 3, 2]],
  ['linear', dense, [20, 5], [33, 5]],
  ['linear of few outputs', dense, [2, 3, 7], [4, 7]],
];

describe.each(CASES)('%s with an activation', (_, layer, shape, weightShape) => {
  const make = () => ({ x: leaf(randn(shape)), w: leaf(randn(weightShape)), b: leaf(randn([weightShape[0]])) });

  it('has the bits of the separate ops', async () => {
    const { device } = ones([1]);
    const run = (withBias: boolean, op: (x: Tensor, w: Tensor, b: Tensor | null) => Tensor) =>
      seeded(device, 3, () => {
        const { b, ...rest } = make();
        const leaves = withBias ? { ...rest, b } : rest;
        const y = op(rest.x, rest.w, withBias ? b : null);
        y.retainGrad().backward({ gradient: randn(y.shape) });
        const grads = Object.entries(leaves).map(([name, { grad }]) => [`gradient of ${name}`, grad as Tensor]);
        return { y, ...(Object.fromEntries(grads) as Record<string, Tensor>) };
      });
    for (const withBias of [true, false]) {
      const together = run(withBias, (x, w, b) => layer(x, w, b, 'relu'));
      const apart = run(withBias, (x, w, b) => relu(layer(x, w, b, 'none')));
      await expectSameBits(together, apart);
      expect((await together.y.data()).some((v) => v === 0)).toBe(true);
    }
  });

  it('leaves only the output alive without a graph, and nothing after backward()', () => {
    const { x, w, b } = make();
    const { device } = x;
    const { used } = device.memory;
    const y = noGrad(() => tidy(() => layer(x, w, b, 'relu')));
    expect(device.memory.used - used).toBe(y.storage.buffer.size);
    y.dispose();
    const z = layer(x, w, b, 'relu');
    const gradient = ones(z.shape);
    z.backward({ gradient });
    for (const made of [z, gradient, x.grad, w.grad, b.grad]) made?.dispose();
    expect(device.memory.used).toBe(used);
  });
});

describe('relu', () => {
  it('has no gradient at 0', async () => {
    const x = leaf(tensor([[1, 1]]));
    const weight = tensor([[1, -1], [2, -1], [-2, 1]]); // prettier-ignore
    linear(x, weight, null, { activation: 'relu' }).backward({ gradient: tensor([[3, 5, 7]]) });
    expect([...(await (x.grad as Tensor).data())]).toEqual([10, -5]);
  });
  it('passes the central differences away from it', async () => {
    const [x, w] = [leaf(tensor([[0.5, -1], [2, 1]])), leaf(tensor([[1, 0.5], [-1, 2], [0.25, 1]]))]; // prettier-ignore
    const b = leaf(tensor([0.5, 0.75, -0.5]));
    await gradcheck((a, u, v) => linear(a, u, v, { activation: 'relu' }), [x, w, b], { name: 'linear, relu' });
  });
});
