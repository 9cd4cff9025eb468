import { beforeAll, describe, expect, it } from 'vitest';
import { adam, adamW, type AdamOptions } from '../../src/optim/algorithms/adam';
import type { Optimizer } from '../../src/optim/optimizer';
import { sgd } from '../../src/optim/algorithms/sgd';
import type { OptimizerState } from '../../src/optim/state';
import { fromSafetensors, toSafetensors } from '../../src/serialize/state';
import { tensor, zeros } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { backwardWith, numbers, parameter } from '../support/optim';

beforeAll(testDevice);

const two = () => [parameter([3, 5], 1), parameter([70], 2)];

function train(optimizer: Optimizer, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    optimizer.zeroGrad();
    backwardWith(
      optimizer.params,
      optimizer.params.map((param, i) => numbers(param.size, 10 * step + i)),
    );
    optimizer.step();
  }
}

/** Through a file's bytes and JSON, as a checkpoint goes. */
async function saved({ state, config }: OptimizerState): Promise<OptimizerState> {
  const bytes = await toSafetensors(state, { config: JSON.stringify(config) });
  return { state: fromSafetensors(bytes), config: JSON.parse(JSON.stringify(config)) as OptimizerState['config'] };
}

const KINDS: [string, (params: readonly Tensor[]) => Optimizer][] = [
  ['sgd', (params) => sgd(params, { lr: 0.1 })],
  ['sgd with momentum', (params) => sgd(params, { lr: 0.1, momentum: 0.9, dampening: 0.3 })],
  ['adam', (params) => adam(params, { lr: 0.01 })],
  ['adamW with amsgrad', (params) => adamW(params, { lr: 0.01, amsgrad: true })],
];

describe('stop and resume', () => {
  it.each(KINDS)('%s gives the same bits', async (_, make) => {
    const [through, before, after] = [two(), two(), two()];
    train(make(through), 0, 6);
    const stopped = make(before);
    train(stopped, 0, 3);
    for (const [i, param] of before.entries()) after[i].write(await param.data());
    const resumed = make(after);
    resumed.lr = 0.7;
    resumed.loadStateDict(await saved(stopped.stateDict()));
    expect(resumed.lr).toBe(stopped.lr);
    train(resumed, 3, 6);
    for (const [i, param] of through.entries()) {
      expect([...(await after[i].data())]).toEqual([...(await param.data())]);
    }
  });

  it("takes back an optimizer's own state", async () => {
    const params = two();
    const optimizer = adam(params);
    train(optimizer, 0, 2);
    const before = await optimizer.stateDict().state['1.exp_avg'].data();
    optimizer.loadStateDict(optimizer.stateDict());
    expect(await optimizer.stateDict().state['1.exp_avg'].data()).toEqual(before);
  });

  it('names what it keeps as PyTorch does', () => {
    const keys = (optimizer: Optimizer) => Object.keys(optimizer.stateDict().state);
    expect(keys(sgd(two()))).toEqual([]);
    expect(keys(sgd(two(), { momentum: 0.5 }))).toEqual(['0.momentum_buffer', '1.momentum_buffer']);
    const moments = ['exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'];
    expect(keys(adam(two(), { amsgrad: true }))).toEqual([0, 1].flatMap((i) => moments.map((name) => `${i}.${name}`)));
  });
});

describe('loadStateDict refuses, and changes nothing,', () => {
  const attempt = async (change: (state: Record<string, Tensor>, config: Record<string, unknown>) => void) => {
    const optimizer = adam(two(), { lr: 0.5 } satisfies AdamOptions);
    train(optimizer, 0, 1);
    const source = adam(two(), { lr: 0.25 }).stateDict();
    const config = { ...source.config };
    change(source.state, config);
    const before = await optimizer.stateDict().state['0.exp_avg'].data();
    let message = '';
    try {
      optimizer.loadStateDict({ state: source.state, config });
    } catch (error) {
      message = error instanceof Error ? error.message : '';
    }
    expect(optimizer.lr).toBe(0.5);
    expect(optimizer.stateDict().config.steps).toEqual([1, 1]);
    expect(await optimizer.stateDict().state['0.exp_avg'].data()).toEqual(before);
    return message;
  };
  const cases: [string, Parameters<typeof attempt>[0], string][] = [
    ['another kind', (_, config) => (config.optimizer = 'sgd'), 'this is the state of sgd'],
    ['a missing setting', (_, config) => delete config.eps, 'config has no eps'],
    [
      'a setting of another type',
      (_, config) => (config.betas = [0.9]),
      'expected config.betas to be 2 numbers, got 1 numbers',
    ],
    ['an unknown setting', (_, config) => (config.warmup = 3), 'config has an unknown entry warmup'],
    ['a setting out of range', (_, config) => (config.lr = -1), 'adam: expected lr to be a finite number >= 0, got -1'],
    ['other counts', (_, config) => (config.steps = [1]), 'does not hold a count for each of 2 parameters'],
    [
      'a broken initialLr',
      (_, config) => (config.initialLr = 'x'),
      'expected config.initialLr to be a finite number >= 0, got NaN',
    ],
    ['a missing tensor', (state) => delete state['1.exp_avg'], 'state has no 1.exp_avg'],
    ['an unknown tensor', (state) => (state['2.exp_avg'] = zeros([1])), 'state has an unknown tensor 2.exp_avg'],
    [
      'a tensor of another shape',
      (state) => (state['1.exp_avg_sq'] = zeros([7])),
      'expected 1.exp_avg_sq to be float32 [70], got float32 [7]',
    ],
    [
      'a tensor of another type',
      (state) => (state['1.exp_avg'] = tensor(new Int32Array(70)) as never),
      'expected 1.exp_avg to be float32 [70], got int32 [70]',
    ],
  ];
  it.each(cases)('%s', async (_, change, message) => {
    expect(await attempt(change)).toContain(message);
  });
  it('its own tensors under wrong names', () => {
    const optimizer = adam([parameter([2], 1), parameter([2], 2)]);
    const { state, config } = optimizer.stateDict();
    state['1.exp_avg'] = state['0.exp_avg'];
    expect(() => {
      optimizer.loadStateDict({ state, config });
    }).toThrow("1.exp_avg is this optimizer's own tensor of another name");
  });
});
