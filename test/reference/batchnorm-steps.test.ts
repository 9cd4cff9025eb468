import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor';
import { batchNorm } from '../../src/ops/batchnorm/batchnorm';
import { ones, tensor, zeros } from '../../src/tensor/create/create';
import { expectClose } from '../support/compare';
import { testDevice } from '../support/device';
import { loadVectors } from './vectors';

interface Sequence {
  name: string;
  channels: number;
  /** `null`: the average over all batches so far. */
  momentum: number | null;
  steps: { input: string; runningMean: string; runningVar: string; numBatches: number }[];
  atol: number;
  rtol: number;
}

const { lookup, metadata } = await loadVectors('batchnorm_steps');

describe('PyTorch: running statistics', () => {
  beforeAll(testDevice);
  it.each(metadata.sequences as Sequence[])('$name', async ({ name, channels, momentum, steps, ...tolerance }) => {
    const runningMean = zeros([channels]);
    const runningVar = ones([channels]);
    const numBatchesTracked = zeros([], { dtype: 'int32' });
    for (const [step, expected] of steps.entries()) {
      const { data, shape } = lookup(expected.input);
      batchNorm(tensor(data, { shape }) as Tensor, {
        runningMean,
        runningVar,
        numBatchesTracked,
        training: true,
        momentum: momentum ?? 1 / (step + 1),
      });
      await expectClose(`${name}: mean after step ${step}`, runningMean, lookup(expected.runningMean), tolerance);
      await expectClose(`${name}: variance after step ${step}`, runningVar, lookup(expected.runningVar), tolerance);
      expect(await numBatchesTracked.item()).toBe(expected.numBatches);
    }
  });
});
