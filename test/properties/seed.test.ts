import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { add, crossEntropy, matmul, ones, open, optim, setDefaultDevice, softmax, tensor, type Device } from 'wgrad';
import { mnistModel } from '../../examples/model';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

let shared: Device;
beforeAll(async () => {
  shared = await testDevice();
});
afterEach(() => {
  setDefaultDevice(shared);
});

interface Run {
  /** Weights as they were drawn, and everything after the training, as bits. */
  readonly first: Uint32Array[];
  readonly last: Uint32Array[];
  readonly losses: number[];
}

/** A short training of the MNIST network, dropout included, on a device of its own; `meanwhile` runs before every step. */
async function train(seed: number, meanwhile: () => void = () => undefined): Promise<Run> {
  const device = await open({ seed });
  setDefaultDevice(device);
  const model = mnistModel({ channels: [4, 6], dense: [16, 12] });
  const bits = () =>
    Promise.all(Object.values(model.stateDict()).map(async (t) => new Uint32Array((await t.data()).buffer)));
  const first = await bits();
  const optimizer = optim.adam(model.parameters(), { lr: 1e-2 });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    meanwhile();
    const images = tensor(numbers(5 * 784, step), { shape: [5, 1, 28, 28] });
    const loss = crossEntropy(model.forward(images), tensor(Int32Array.from([3, 1, 4, 1, 5])));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(await loss.item());
  }
  const last = await bits();
  device.destroy();
  return { first, last, losses };
}

describe('the seed', () => {
  it('decides all bits: of the weights, and of everything after some steps with dropout', async () => {
    const run = await train(7);
    expect(run.losses.every((loss) => loss > 0.5 && loss < 10)).toBe(true);
    expect(await train(7)).toEqual(run);
    // Work that draws no random numbers changes nothing, though it uses memory that the steps use next.
    const busy = await train(7, () => {
      add(softmax(matmul(ones([40, 30]), ones([30, 50]))), 1).dispose();
    });
    expect(busy).toEqual(run);
    const other = await train(8);
    expect(other.first).not.toEqual(run.first);
    expect(other.losses).not.toEqual(run.losses);
  });
});
