import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchNorm } from '../../../src/ops/batchnorm/batchnorm';
import { open } from '../../../src/open';
import { type Device } from '../../../src/runtime/device';
import { zeros, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';

// Lanes join their sums by subgroup operations where the adapter is a software one with a single subgroup size, else in workgroup memory.
let devices: readonly Device[] = [];
beforeAll(async () => {
  await testDevice();
  devices = [await open({ seed: 5 }), await open({ seed: 5, features: [] })];
});
afterAll(() => {
  for (const device of devices) device.destroy();
});

async function results(device: Device, shape: Shape, relu: boolean, dropout: number): Promise<ArrayLike<number>[]> {
  const [, c] = shape;
  const values = (of: Shape, seed: number, requiresGrad = true) =>
    tensor(numbers(sizeOf(of), seed), { shape: of, device, requiresGrad });
  const [x, weight, bias] = [values(shape, 1), values([c], 2), values([c], 3)];
  const [runningMean, runningVar] = [zeros([c], { device }), zeros([c], { device })];
  const y = batchNorm(x, { weight, bias, runningMean, runningVar, training: true, relu, dropout });
  const outputs = [await y.data()];
  y.backward({ gradient: values(shape, 4, false) });
  for (const t of [x.grad, weight.grad, bias.grad, runningMean, runningVar]) {
    if (t) outputs.push(await t.data());
  }
  return outputs;
}

describe('batchNorm with and without subgroups', () => {
  it.each([
    { shape: [300, 70], relu: true, dropout: 0 },
    { shape: [9, 6], relu: false, dropout: 0 },
    { shape: [75, 8], relu: true, dropout: 0.3 },
    { shape: [4, 3, 90, 61], relu: false, dropout: 0 },
  ])('of $shape: the same but for rounding', async ({ shape, relu, dropout }) => {
    expect(devices[1].info.subgroupSize).toBe(0);
    const [first, second] = [
      await results(devices[0], shape, relu, dropout),
      await results(devices[1], shape, relu, dropout),
    ];
    expect(first.length).toBe(6);
    for (const [i, expected] of first.entries()) {
      const name = ['y', 'dx', 'dweight', 'dbias', 'running mean', 'running variance'][i];
      expectNumbersClose(name, second[i], expected, { atol: 2e-4, rtol: 1e-4 });
    }
  });
});
