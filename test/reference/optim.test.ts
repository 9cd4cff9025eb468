import { beforeAll, describe, expect, it } from 'vitest';
import * as optim from '../../src/optim';
import type { HostTensor } from '../../src/serialize';
import { tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { expectClose } from '../support/compare';
import { testDevice } from '../support/device';
import { loadVectors } from './vectors';

interface Problem {
  /** Steps between the parameters that are stored. */
  every: number;
  initial: string[];
  /** Of each step. */
  grads: string[][];
}

interface Variant {
  name: string;
  optimizer: 'sgd' | 'adam' | 'adamW';
  options: optim.SGDOptions & optim.AdamOptions;
  /** Learning rates and the numbers, from 0, of the steps before which they are set. */
  lrChanges: [step: number, lr: number][];
  params: string[][];
  atol: number;
  rtol: number;
}

interface Clip {
  name: string;
  kind: 'norm' | 'value';
  options: { maxNorm?: number; normType?: number | 'inf'; clipValue?: number };
  grads: string[];
  clipped: string[];
  /** Before clipping; `null` where values are clipped. */
  norm: number | null;
  atol: number;
  rtol: number;
}

const { lookup, metadata } = await loadVectors('optimizers');
const { every, initial, grads } = metadata.problem as Problem;

const place = ({ data, shape }: HostTensor, requiresGrad = false): Tensor =>
  tensor(data, { shape, requiresGrad }) as Tensor;

describe('PyTorch: optimizers', () => {
  beforeAll(testDevice);
  it.each(metadata.variants as Variant[])('$optimizer, $name', async (variant) => {
    const params = initial.map((name) => place(lookup(name), true));
    const optimizer = optim[variant.optimizer](params, variant.options);
    const lrs = new Map(variant.lrChanges);
    for (const [step, given] of grads.entries()) {
      optimizer.lr = lrs.get(step) ?? optimizer.lr;
      optimizer.zeroGrad();
      params.forEach((param, k) => (param.grad = place(lookup(given[k]))));
      optimizer.step();
      if ((step + 1) % every !== 0) continue;
      for (const [k, name] of variant.params[(step + 1) / every - 1].entries()) {
        await expectClose(`${variant.name}: parameter ${k} after ${step + 1} steps`, params[k], lookup(name), variant);
      }
    }
    optimizer.dispose();
  });
});

describe('PyTorch: gradient clipping', () => {
  beforeAll(testDevice);
  it.each(metadata.clips as Clip[])('$name', async ({ name, kind, options, norm, ...clip }) => {
    const params = clip.grads.map((grad) => {
      const param = place(lookup(grad), true);
      param.grad = place(lookup(grad));
      return param;
    });
    if (kind === 'value') optim.clipGradValue(params, options.clipValue ?? NaN);
    else {
      const normType = options.normType === 'inf' ? Infinity : options.normType;
      const total = optim.clipGradNorm(params, options.maxNorm ?? NaN, { normType });
      await expectClose(`${name}: norm`, total, { shape: [], data: [norm ?? NaN] }, clip);
    }
    for (const [k, expected] of clip.clipped.entries()) {
      const { grad } = params[k];
      if (!grad) expect.fail(`${name}: gradient ${k} is gone`);
      await expectClose(`${name}: gradient ${k}`, grad, lookup(expected), clip);
    }
  });
});
