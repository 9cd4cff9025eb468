import { beforeAll, describe, expect, it } from 'vitest';
import { adam, adamW } from '../../src/optim/algorithms/adam';
import type { Optimizer } from '../../src/optim/optimizer';
import { sgd } from '../../src/optim/algorithms/sgd';
import { ones } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { backwardWith, numbers, parameter } from '../support/optim';
import { referenceAdam, referenceSgd, type ReferenceOptions } from '../support/reference/optim';

beforeAll(testDevice);

const SHAPES = [[3, 5], [1], [70], [2, 2, 17]];
const STEPS = 25;

type Make = (params: Tensor[], options: ReferenceOptions) => Optimizer;
type Reference = (options: ReferenceOptions) => ReturnType<typeof referenceSgd>;

/** Takes STEPS steps on the GPU and on the host and compares all parameters. */
async function compare(make: Make, reference: Reference, options: ReferenceOptions, skips = false): Promise<void> {
  const params = SHAPES.map((shape, i) => parameter(shape, i));
  const hosts = params.map((param, i) => Float64Array.from(numbers(param.size, i)));
  const steppers = params.map(() => reference(options));
  const optimizer = make(params, options);
  for (let step = 0; step < STEPS; step++) {
    // Gradients of very different sizes, and zeros.
    const grads = params.map((param, i) =>
      skips && (step + i) % 3 === 0
        ? null
        : numbers(param.size, 100 + 10 * step + i).map((x, k) => (k % 7 === 3 ? 0 : x * 10 ** ((k % 5) - 2))),
    );
    optimizer.zeroGrad();
    backwardWith(params, grads);
    optimizer.step();
    hosts.forEach((host, i) => {
      const grad = grads[i];
      if (grad) steppers[i](host, grad);
    });
  }
  for (const [i, param] of params.entries()) {
    expectNumbersClose(`parameter ${i}`, await param.data(), hosts[i], { atol: 3e-6, rtol: 1e-5 });
  }
  optimizer.dispose();
}

const SGD_CASES: ReferenceOptions[] = [
  { lr: 0.05 },
  { lr: 0.05, weightDecay: 0.1 },
  { lr: 0.02, momentum: 0.9 },
  { lr: 0.02, momentum: 0.9, dampening: 0.4, weightDecay: 0.01 },
  { lr: 0.02, momentum: 0.8, nesterov: true, weightDecay: 0.05 },
];
const ADAM_CASES: ReferenceOptions[] = [
  { lr: 1e-2 },
  { lr: 1e-2, weightDecay: 0.1 },
  { lr: 1e-2, amsgrad: true },
  { lr: 3e-2, betas: [0.5, 0.9], eps: 1e-3, weightDecay: 0.3, amsgrad: true },
];

describe('against float64 on the host', () => {
  it.each(SGD_CASES)('sgd %j', async (options) => {
    await compare(sgd, referenceSgd, options);
  });
  it.each(ADAM_CASES)('adam %j', async (options) => {
    await compare(adam, (o) => referenceAdam(o, false), options);
  });
  it.each(ADAM_CASES)('adamW %j', async (options) => {
    await compare(adamW, (o) => referenceAdam(o, true), options);
  });
  it('leaves parameters without a gradient out, and out of their step count', async () => {
    await compare(adam, (o) => referenceAdam(o, false), { lr: 1e-2 }, true);
    await compare(sgd, referenceSgd, { lr: 1e-2, momentum: 0.9, dampening: 0.5 }, true);
  });
});

describe('the learning rate', () => {
  it('is read anew by every step', async () => {
    const param = parameter([4], 1);
    const host = Float64Array.from(numbers(4, 1));
    const optimizer = sgd([param], { lr: 1 });
    for (const lr of [0.5, 0, 0.25]) {
      optimizer.lr = lr;
      expect(optimizer.lr).toBe(lr);
      optimizer.zeroGrad();
      backwardWith([param], [Float32Array.of(1, 2, 3, 4)]);
      optimizer.step();
      host.forEach((x, i) => (host[i] = x - lr * (i + 1)));
    }
    expectNumbersClose('sgd', await param.data(), host);
  });
  it('has the defaults of PyTorch', () => {
    const params = [parameter([1], 1)];
    const common = { initialLr: null, steps: [0], lr: 1e-3 };
    expect(sgd(params).stateDict().config).toEqual({
      optimizer: 'sgd',
      ...common,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
    });
    const rest = { betas: [0.9, 0.999], eps: 1e-8, amsgrad: false };
    expect(adam(params).stateDict().config).toEqual({ optimizer: 'adam', ...common, ...rest, weightDecay: 0 });
    expect(adamW(params).stateDict().config).toEqual({ optimizer: 'adamW', ...common, ...rest, weightDecay: 1e-2 });
  });
});

describe('momentum switched on late', () => {
  it('begins with the gradient, undampened, as in PyTorch', async () => {
    const param = parameter([3], 1);
    const host = Float64Array.from(numbers(3, 1));
    const optimizer = sgd([param], { lr: 0.1, dampening: 0.5 });
    const grad = Float32Array.of(1, -2, 3);
    const plain = referenceSgd({ lr: 0.1 });
    const heavy = referenceSgd({ lr: 0.1, momentum: 0.9, dampening: 0.5 });
    for (const stepper of [plain, plain, heavy, heavy, heavy]) {
      if (stepper === heavy) optimizer.momentum = 0.9;
      optimizer.zeroGrad();
      backwardWith([param], [grad]);
      optimizer.step();
      stepper(host, grad);
    }
    expectNumbersClose('sgd', await param.data(), host);
  });
});

describe('size', () => {
  it('updates more elements than one row of workgroups holds', async () => {
    // 65,535 workgroups of 64 hold 4,194,240 elements.
    const big = ones([4_194_300], { requiresGrad: true });
    const params = [parameter([3], 1), big, parameter([3], 2)];
    const optimizer = sgd(params, { lr: 1 });
    for (const param of params) param.grad = param.alias();
    optimizer.step();
    for (const param of params) expect((await param.data()).every((x) => x === 0)).toBe(true);
    optimizer.dispose();
  });
});
