import { beforeAll, describe, expect, it } from 'vitest';
import { noGrad } from '../../src/autograd/mode';
import { add, div, mul, sub } from '../../src/ops/elementwise/binary';
import { crossEntropy } from '../../src/ops/loss/cross-entropy';
import { matmul } from '../../src/ops/matmul/matmul';
import { mean, variance } from '../../src/ops/reduce/reduce';
import { relu } from '../../src/ops/elementwise/unary';
import { sgd } from '../../src/optim';
import type { Device } from '../../src/runtime/device';
import { arange, rand, randn } from '../../src/tensor/create/create';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** Two layers with a normalisation between them, whose parameters stay over all steps. */
function network() {
  const x = randn([8, 5]);
  const labels = arange(0, 8, 1, { dtype: 'int32' });
  const w = randn([5, 16], { requiresGrad: true });
  const b = rand([16], { requiresGrad: true });
  const v = randn([16, 8], { requiresGrad: true });
  const loss = (): Tensor => {
    const hidden = relu(add(matmul(x, w), b));
    const centred = sub(hidden, mean(hidden, 0, true));
    const normal = div(centred, add(mul(variance(hidden, 0, { keepdim: true }), 2), 0.1));
    return crossEntropy(matmul(normal, v), labels);
  };
  return { params: [w, b, v], loss };
}

/** Bytes in use that `steps` steps add, after a few that find their memory. No collection of garbage falls in between. */
function growth(steps: number, step: () => void): number {
  for (let i = 0; i < 3; i++) step();
  const { used } = device.memory;
  for (let i = 0; i < steps; i++) step();
  return device.memory.used - used;
}

/** Bytes of the smallest buffer: what a scalar takes. */
const SCALAR = 256;

describe('memory in use stays flat', () => {
  it('over steps of training in tidy, as fit() makes them', async () => {
    const { params, loss } = network();
    const optimizer = sgd(params, { lr: 0.1, momentum: 0.9 });
    const grown = growth(200, () => {
      tidy(() => {
        optimizer.zeroGrad();
        loss().backward();
        optimizer.step();
      });
    });
    expect(grown).toBe(0);
    await device.finish();
    optimizer.dispose();
  });
  it('over steps with nothing freed by hand, but for the loss, which the caller may still read', async () => {
    const { params, loss } = network();
    const optimizer = sgd(params, { lr: 0.1 });
    const step = () => {
      optimizer.zeroGrad();
      const value = loss();
      value.backward();
      optimizer.step();
      return value;
    };
    expect(growth(50, step)).toBe(50 * SCALAR);
    const freeing = growth(50, () => {
      using value = step();
      expect(value.disposed).toBe(false);
    });
    expect(freeing).toBe(0);
    await device.finish();
    optimizer.dispose();
  });
  it('over steps without an optimizer', async () => {
    const { params, loss } = network();
    const grown = growth(30, () => {
      tidy(() => {
        loss().backward();
        noGrad(() => {
          for (const param of params) {
            if (!param.grad) throw new Error('there is no gradient');
            param.copyFrom(sub(param, mul(param.grad, 0.1)));
            param.grad.dispose();
            param.grad = null;
          }
        });
      });
    });
    expect(grown).toBe(0);
    await device.finish();
  });
  it('over forward passes, with and without a graph', async () => {
    const { loss } = network();
    const forward = () => {
      tidy(() => [loss().shape]);
    };
    expect(
      growth(30, () => {
        noGrad(forward);
      }),
    ).toBe(0);
    expect(growth(30, forward)).toBe(0);
    await device.finish();
  });
  it('over graphs that tidy returns and that nobody goes back through', async () => {
    const { loss } = network();
    expect(
      growth(30, () => {
        const value = tidy(loss);
        value.dispose();
      }),
    ).toBe(0);
    await device.finish();
  });
  it('over gradients that add up', async () => {
    const { loss } = network();
    expect(
      growth(30, () => {
        using value = loss();
        value.backward();
      }),
    ).toBe(0);
    await device.finish();
  });
  it('over graphs that are kept and then freed', async () => {
    const { loss } = network();
    expect(
      growth(10, () => {
        using value = loss();
        value.backward({ retainGraph: true });
        value.backward({ retainGraph: true });
        value.backward();
      }),
    ).toBe(0);
    await device.finish();
  });
});

it('the pool itself stops growing after the first steps', async () => {
  const { params, loss } = network();
  const optimizer = sgd(params, { lr: 0.1 });
  const step = () => {
    tidy(() => {
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
    });
  };
  for (let i = 0; i < 3; i++) step();
  const { allocated, buffers } = device.memory;
  for (let i = 0; i < 50; i++) {
    step();
    if (i % 10 === 0) await device.stream.throttle(1);
  }
  expect(device.memory).toMatchObject({ allocated, buffers });
  optimizer.dispose();
});
