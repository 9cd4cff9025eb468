import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import * as nn from '../../src/nn';
import { mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { adam, exponentialLR } from '../../src/optim';
import { open } from '../../src/open';
import { setDefaultDevice, type Device } from '../../src/runtime/device';
import { ones, rand, tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { numbers } from '../support/numbers';
import { testDevice } from '../support/device';

let shared: Device;
beforeAll(async () => {
  shared = await testDevice();
});

const SHAPE = [6, 2, 8, 8];

function network(device: Device): nn.Sequential {
  const options = { device };
  return nn.sequential(
    nn.conv2d(2, 4, 3, { padding: 'same', ...options }),
    nn.relu(),
    nn.batchNorm2d(4, options),
    nn.maxPool2d(2),
    nn.dropout(0.3),
    nn.flatten(),
    nn.linear(64, 10, options),
    nn.relu(),
    nn.batchNorm1d(10, options),
    nn.dropout(0.5),
    nn.linear(10, 3, options),
  );
}

/** The losses of some training steps and the weights after them, on a device of its own. */
async function train(captured: boolean, batches: readonly number[]): Promise<{ losses: number[]; state: number[][] }> {
  const device = await open({ seed: 11 });
  setDefaultDevice(device);
  try {
    const model = network(device);
    const optimizer = adam(model.parameters(), { lr: 1e-2 });
    const schedule = exponentialLR(optimizer, { gamma: 0.9 });
    const eager = (images: Tensor, labels: Tensor<'int32'>): Tensor => {
      const loss = nn.crossEntropy(model.forward(images), labels);
      loss.backward();
      optimizer.step();
      return loss;
    };
    const step = captured ? capture(eager) : eager;
    const losses: number[] = [];
    for (const [i, count] of batches.entries()) {
      const images = tensor(numbers(count * 128, i), { shape: [count, ...SHAPE.slice(1)] });
      const loss = step(images, tensor(Int32Array.from({ length: count }, (_, k) => (k + i) % 3)));
      losses.push(await loss.item());
      schedule.step();
    }
    const state = await Promise.all(Object.values(model.stateDict()).map(async (t) => [...(await t.data())]));
    return { losses, state };
  } finally {
    setDefaultDevice(shared);
    device.destroy();
  }
}

describe('capture', () => {
  it('replays a training step bit for bit as the eager one: dropout, running statistics, Adam, schedule, ragged batches', async () => {
    const batches = [6, 6, 6, 4, 6, 4, 6];
    const [eager, captured] = [await train(false, batches), await train(true, batches)];
    expect(captured.losses).toEqual(eager.losses);
    expect(captured.state).toEqual(eager.state);
    expect(new Set(eager.losses).size).toBe(batches.length);
  });

  it('records once a shape and allocates nothing afterwards', async () => {
    const step = capture((x: Tensor) => sum(mul(x, 2)));
    const [small, large] = [ones([5]), ones([7])];
    step(small).dispose();
    step(large).dispose();
    expect(step.recordings).toBe(2);
    const before = shared.memory;
    for (let i = 0; i < 20; i++) step(i % 2 ? small : large).dispose();
    expect(step.recordings).toBe(2);
    expect(shared.memory).toEqual(before);
    step.dispose();
    await shared.finish();
    expect(shared.memory.allocated).toBeLessThan(before.allocated);
  });

  it('sees new inputs, new weights and returns what fn returns', async () => {
    const weight = ones([3]);
    const step = capture((x: Tensor) => ({ product: mul(x, weight), parts: [sum(x)] }));
    step(tensor([1, 2, 3]));
    weight.write(Float32Array.of(10, 20, 30));
    const { product, parts } = step(tensor([4, 5, 6]));
    expect([...(await product.data())]).toEqual([40, 100, 180]);
    expect(await parts[0].item()).toBe(15);
  });

  it('does not let later tensors share its memory', async () => {
    const step = capture((x: Tensor) => sum(mul(mul(x, 3), 5)));
    step(ones([4])).dispose();
    const mine = rand([4]);
    const before = [...(await mine.data())];
    step(ones([4]));
    expect([...(await mine.data())]).toEqual(before);
  });

  it('records again after an optimizer has moved the parameters', async () => {
    const weight = ones([2], { requiresGrad: true });
    const step = capture((x: Tensor) => mul(x, weight));
    step(ones([2]));
    adam([weight]);
    weight.write(Float32Array.of(5, 6));
    expect([...(await step(ones([2])).data())]).toEqual([5, 6]);
  });
});
