import { beforeAll, describe, expect, it } from 'vitest';
import {
  capture,
  crossEntropy,
  embedding,
  gather,
  metrics,
  nllLoss,
  ones,
  rand,
  tensor,
  type Device,
  type Tensor,
} from '../../src';
import { GpuChecks } from '../../src/runtime/gpu-checks';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const ints = (...values: number[]): Tensor<'int32'> => tensor(values, { dtype: 'int32' });
const classes = 'expected target classes in [0, 3), got 26';

describe('a number out of range that only the GPU knows is an error of the next readback', () => {
  it.each<[string, () => unknown, string]>([
    ['embedding', () => embedding(ints(0, 7, 2), rand([5, 2])), 'embedding: expected indices in [0, 5), got 7'],
    [
      'embedding of a negative one',
      () => embedding(ints(-1), rand([5])),
      'embedding: expected indices in [0, 5), got -1',
    ],
    ['gather', () => gather(rand([5]), 0, ints(0, 7, 2)), 'gather: expected index in [0, 5), got 7'],
    ['gather of a negative one', () => gather(rand([5]), -1, ints(-1)), 'gather: expected index in [0, 5), got -1'],
    ['crossEntropy', () => crossEntropy(rand([2, 3]), ints(26, 0)), `crossEntropy: ${classes}`],
    [
      'crossEntropy of long rows',
      () => crossEntropy(rand([2, 5000]), ints(5000, 0)),
      'crossEntropy: expected target classes in [0, 5000), got 5000',
    ],
    [
      'crossEntropy with a gradient',
      () => crossEntropy(rand([2, 3], { requiresGrad: true }), ints(26, 0), { labelSmoothing: 0.1 }),
      `crossEntropy: ${classes}`,
    ],
    [
      'crossEntropy of pixels',
      () => crossEntropy(rand([1, 3, 2]), ints(26, 0).alias([1, 2])),
      `crossEntropy: ${classes}`,
    ],
    ['nllLoss', () => nllLoss(rand([2, 3]), ints(26, 0)), `nllLoss: ${classes}`],
    [
      'confusionMatrix',
      () => metrics.confusionMatrix(ints(0, 1), ints(0, 5), 2),
      'confusionMatrix: expected labels and predictions in [0, 2), got 5',
    ],
    [
      'confusionMatrix of predictions',
      () => metrics.confusionMatrix(ints(0, 9), ints(0, 1), 2),
      'confusionMatrix: expected labels and predictions in [0, 2), got 9',
    ],
  ])('%s', async (_, run, message) => {
    run();
    // Of whatever is read next, once.
    const other = ones([3]);
    await expect(other.data()).rejects.toThrow(RangeError);
    run();
    await expect(other.data()).rejects.toThrow(message);
    expect([...(await other.data())]).toEqual([1, 1, 1]);
  });
  it('each of several, one after the other', async () => {
    gather(rand([5]), 0, ints(5));
    const first = rand([2, 3]);
    await expect(first.data()).rejects.toThrow('gather: expected index in [0, 5), got 5');
    crossEntropy(first, ints(26, 0));
    await expect(first.data()).rejects.toThrow(`crossEntropy: ${classes}`);
  });
  it('in a captured step, at each run', async () => {
    const step = capture((x: Tensor, labels: Tensor) => crossEntropy(x, labels));
    const x = rand([2, 3]);
    expect(await step(x, ints(2, 0)).item()).toBeGreaterThan(0);
    for (const label of [26, 27]) {
      await expect(step(x, ints(label, 0)).item()).rejects.toThrow(`in [0, 3), got ${label}`);
      expect(await step(x, ints(2, 0)).item()).toBeGreaterThan(0);
    }
    step.dispose();
  });
  it('of every reader that was waiting', async () => {
    gather(rand([5]), 0, ints(6));
    const reads = await Promise.allSettled([ones([1]).data(), ones([1]).data()]);
    expect(reads.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

it('no memory, and nothing copied, before a kernel checks something', () => {
  const checks = new GpuChecks(device.gpu);
  expect(checks.bytes).toBe(0);
  expect(checks.view.size).toBe(checks.bytes);
});

it('more checks than there is room for share the last word', () => {
  const checks = new GpuChecks(device.gpu);
  const slots = Array.from({ length: 300 }, (_, i) => checks.bound('gather', 'indices', i + 1, true));
  expect(slots.slice(0, 255)).toEqual(Array.from({ length: 255 }, (_, i) => i));
  expect(new Set(slots.slice(255))).toEqual(new Set([255]));
  expect(checks.bound('gather', 'indices', 3, true)).toBe(2);
  const words = new Uint32Array(256);
  checks.inspect(words);
  words[255] = 7;
  expect(() => {
    checks.inspect(words);
  }).toThrow('out of range');
  words[2] = 4;
  expect(() => {
    checks.inspect(words);
  }).toThrow('gather: expected indices in [0, 3), got 4');
});
