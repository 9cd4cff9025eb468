import { beforeAll, describe, expect, it } from 'vitest';
import { capture, mul, nn, ones, optim, rand, sum, tensor, tidy, zeros, type Tensor } from '../../src';
import type { Device } from '../../src/runtime/device';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const failure = new Error('mine');

/** A training program whose captured call can be made to throw, and everything that a call may change. */
function training() {
  const model = nn.sequential(nn.linear(4, 4), nn.batchNorm1d(4), nn.dropout(0.5), nn.linear(4, 2));
  const adam = optim.adam(model.parameters());
  const state = async (): Promise<unknown> => ({
    numbers: await Promise.all(Object.values(model.stateDict()).map(async (each) => [...(await each.data())])),
    moments: await Promise.all(Object.values(adam.stateDict().state).map(async (each) => [...(await each.data())])),
    steps: adam.stateDict().config,
    random: device.generator.offset,
    gradients: await Promise.all(model.parameters().map(async ({ grad }) => grad && [...(await grad.data())])),
    training: model.training,
  });
  return { model, adam, state };
}

describe('a call that throws changes nothing', () => {
  it.each(['while it is recorded', 'at a later call, by the function', 'at a later call, by another branch'])(
    '%s',
    async (when) => {
      const { model, adam, state } = training();
      let calls = 0;
      const failing = when === 'while it is recorded' ? 1 : 2;
      const step = capture((x: Tensor, y: Tensor) => {
        model.train();
        const loss = nn.crossEntropy(model.forward(x), y);
        loss.backward();
        adam.step();
        if (++calls === failing && !when.endsWith('branch')) throw failure;
        return when.endsWith('branch') && calls > 1 ? mul(loss, 2) : loss;
      });
      const [x, y] = [rand([5, 4]), tensor(Int32Array.of(0, 1, 0, 1, 1))];
      const eager = nn.crossEntropy(model.forward(x), y);
      eager.backward();
      for (let i = 1; i < failing; i++) step(x, y);
      model.eval();
      if (failing === 2) {
        // The recording that is checked is the one for this mode.
        calls = 0;
        step(x, y);
        model.eval();
      }
      const before = await state();
      const { memory } = device;
      calls = failing - 1;
      expect(() => step(x, y)).toThrow(when.endsWith('branch') ? 'capture: the function does other work' : failure);
      expect(await state()).toEqual(before);
      // Less, where the garbage collector has just found what other tests had forgotten.
      expect(device.memory.buffers).toBeLessThanOrEqual(memory.buffers);
      expect(device.memory.used).toBeLessThanOrEqual(memory.used);
      step.dispose();
    },
  );

  it('and many of them take no memory', async () => {
    const w = ones([64], { requiresGrad: true });
    const x = ones([64]);
    await device.finish();
    const { buffers, used } = device.memory;
    for (let i = 0; i < 30; i++) {
      expect(() => {
        capture((input: Tensor) => {
          sum(mul(mul(input, w), w)).backward();
          throw failure;
        })(x);
      }).toThrow(failure);
    }
    await device.finish();
    expect(device.memory).toMatchObject({ buffers, used });
    expect(w.grad).toBeNull();
  });
});

describe('inputs that are no tensors', () => {
  it.each([
    [0.5, 'got a number for input 1'],
    [[1, 2], 'got an array for input 1'],
    [{ y: 1 }, 'got an object for input 1'],
    [null, 'got null for input 1'],
    [undefined, 'got undefined for input 1'],
    ['a', 'got a string for input 1'],
  ])('%j', (value, message) => {
    const step = capture((x: Tensor, y: Tensor) => mul(x, y));
    expect(() => step(ones([2]), value as unknown as Tensor)).toThrow(TypeError);
    expect(() => step(ones([2]), value as unknown as Tensor)).toThrow(
      `capture: expected tensors as inputs, ${message}`,
    );
    expect(step.recordings).toBe(0);
  });

  it('a captured step inside another', () => {
    const inner = capture((x: Tensor) => mul(x, 2));
    inner(ones([2]));
    expect(() => capture((x: Tensor) => inner(x))(ones([2]))).toThrow(
      'capture: a captured step cannot be called inside another',
    );
  });
});

describe('memory', () => {
  it('is bounded: the recordings used longest ago are dropped, with one warning', async () => {
    const warnings: unknown[] = [];
    const { warn } = console;
    console.warn = (text: unknown) => warnings.push(text);
    try {
      const step = capture((x: Tensor) => tidy(() => mul(mul(x, 2), 3)));
      const run = async (n: number) => {
        using y = step(ones([n]));
        expect((await y.data())[n - 1]).toBe(6);
      };
      for (let n = 1; n <= 16; n++) await run(n);
      await device.finish();
      const { buffers } = device.memory;
      expect(warnings).toEqual([]);
      for (let n = 17; n <= 40; n++) await run(n);
      await run(1);
      await device.finish();
      expect(step.recordings).toBe(16);
      expect(device.memory.buffers).toBeLessThanOrEqual(buffers + 24 + 2);
      expect(warnings).toEqual([expect.stringContaining('recorded for more than 16 combinations')]);
      step.dispose();
    } finally {
      console.warn = warn;
    }
  });

  it('comes back when the step is disposed, with results still in use', async () => {
    const step = capture((x: Tensor) => mul(mul(x, 2), 3));
    const x = ones([8]);
    await device.finish();
    const { buffers, used } = device.memory;
    const y = step(x);
    step(zeros([9])).dispose();
    step.dispose();
    expect([...(await y.data())]).toEqual(new Array(8).fill(6));
    y.dispose();
    await device.finish();
    expect(device.memory.used - used).toBeLessThanOrEqual(256);
    expect(device.memory.buffers - buffers).toBeLessThanOrEqual(1);
  });
});
