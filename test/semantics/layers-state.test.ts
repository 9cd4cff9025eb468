import { beforeAll, describe, expect, it } from 'vitest';
import { mul, sum } from '../../src/ops';
import { nn, optim, type StateDict } from '../../src/index';
import { capture } from '../../src/capture/capture';
import { ones, rand, tensor } from '../../src/tensor/create/create';
import { DisposedError } from '../../src/tensor/errors';
import { ShapeError } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

// What modules, optimizers and schedules do with states, frozen parameters and freed ones: right, or an error that names it.

beforeAll(async () => {
  await testDevice();
});

const param = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const numbersOf = async (t: Tensor): Promise<number[]> => Array.from(await t.data());
const lossOf = (params: readonly Tensor[]): Tensor =>
  params.map((p) => sum(mul(p, p))).reduce((a, b) => sum(mul(a, b)));

describe('frozen parameters', () => {
  it.each(['eager', 'captured'])('are left as they are by a step, %s', async (mode) => {
    const [frozen, trained] = [param(1), param(2)];
    frozen.requiresGrad = false;
    const optimizer = optim.adam([frozen, trained], { lr: 0.5 });
    const run = () => {
      lossOf([frozen, trained]).backward();
      optimizer.step();
    };
    const step = mode === 'eager' ? run : capture(run);
    for (let i = 0; i < 2; i++) step();
    expect(await numbersOf(frozen)).toEqual([1]);
    expect((await numbersOf(trained))[0]).toBeCloseTo(1, 1);
  });
  it('also where they have a gradient, and are trained again once they are thawed', async () => {
    const p = param(1);
    const optimizer = optim.sgd([p], { lr: 1 });
    p.grad = ones([1]);
    p.requiresGrad = false;
    optimizer.step();
    expect(await numbersOf(p)).toEqual([1]);
    p.requiresGrad = true;
    p.grad = ones([1]);
    optimizer.step();
    expect(await numbersOf(p)).toEqual([0]);
  });
});

describe('a gradient that a step used up', () => {
  it('is none in the next one, unless backward() or the program wrote another', async () => {
    const [a, b] = [param(1), param(1)];
    const optimizer = optim.sgd([a, b], { lr: 0.25 });
    mul(a, b).backward();
    optimizer.step();
    mul(a, 2).backward();
    optimizer.step();
    expect([await a.item(), await b.item()]).toEqual([0.25, 0.75]);
    b.grad = ones([1]);
    optimizer.step();
    expect([await a.item(), await b.item()]).toEqual([0.25, 0.5]);
    optimizer.step();
    expect([await a.item(), await b.item()]).toEqual([0.25, 0.5]);
  });
  it('is not counted as a step of Adam', () => {
    const [a, b] = [param(1), param(1)];
    const optimizer = optim.adam([a, b]);
    mul(a, b).backward();
    optimizer.step();
    mul(a, 2).backward();
    optimizer.step();
    expect(optimizer.stateDict().config.steps).toEqual([2, 1]);
  });
});

describe('a schedule made after the state of the optimizer was loaded', () => {
  type Schedule = (o: optim.Optimizer) => {
    step(): void;
    stateDict(): optim.SchedulerState;
    loadStateDict(s: never): void;
  };
  const SCHEDULES: Readonly<Record<string, Schedule>> = {
    stepLR: (o) => optim.stepLR(o, { stepSize: 2 }),
    linearLR: (o) => optim.linearLR(o, { totalIters: 6 }),
    cosineAnnealingLR: (o) => optim.cosineAnnealingLR(o, { tMax: 7 }),
    exponentialLR: (o) => optim.exponentialLR(o, { gamma: 0.5 }),
    oneCycleLR: (o) => optim.oneCycleLR(o, { maxLr: 1, totalSteps: 9 }),
    sequentialLR: (o) =>
      optim.sequentialLR(o, {
        schedulers: [optim.linearLR(o, { totalIters: 3 }), optim.exponentialLR(o, { gamma: 0.5 })],
        milestones: [3],
      }),
  };
  for (const [name, make] of Object.entries(SCHEDULES))
    it.each([0, 2, 5])(`${name} resumes after %i epochs at the right rate`, (epochs) => {
      const fresh = () => optim.sgd([param(1)], { lr: 0.1, momentum: 0.9 });
      const optimizer = fresh();
      const schedule = make(optimizer);
      for (let i = 0; i < epochs; i++) schedule.step();
      const [saved, place] = [optimizer.stateDict(), schedule.stateDict()];
      for (const madeFirst of [true, false]) {
        const other = fresh();
        const early = madeFirst ? make(other) : null;
        other.loadStateDict(saved);
        const resumed = early ?? make(other);
        resumed.loadStateDict(place as never);
        expect([other.lr, other.momentum]).toEqual([optimizer.lr, optimizer.momentum]);
      }
      const other = fresh();
      other.loadStateDict(saved);
      const resumed = make(other);
      resumed.loadStateDict(place as never);
      for (let i = 0; i < 3; i++) {
        schedule.step();
        resumed.step();
        expect([other.lr, other.momentum]).toEqual([optimizer.lr, optimizer.momentum]);
      }
    });
  it('two that act on one optimizer', () => {
    const make = (o: optim.Optimizer) => [optim.linearLR(o), optim.stepLR(o, { stepSize: 2 })] as const;
    const optimizer = optim.sgd([param(1)], { lr: 0.1 });
    const first = make(optimizer);
    for (const schedule of [...first, ...first]) schedule.step();
    const states = first.map((schedule) => schedule.stateDict());
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const other = optim.sgd([param(1)], { lr: 0.1 });
      other.loadStateDict(optimizer.stateDict());
      const second = make(other);
      for (const i of order) second[i].loadStateDict(states[i]);
      expect(other.lr).toBe(optimizer.lr);
    }
  });
});

it('a plateau schedule counts NaN as no improvement, as PyTorch does', () => {
  const optimizer = optim.sgd([param(1)], { lr: 1 });
  const schedule = optim.reduceLROnPlateau(optimizer, { patience: 1, factor: 0.5 });
  const rates = [1, NaN, NaN, NaN, NaN, 0.5].map((metric) => {
    schedule.step(metric);
    return optimizer.lr;
  });
  expect(rates).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
});

describe('the state of an optimizer', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [[], '0 numbers'],
    [{}, 'an object with nothing'],
    [{ state: {}, param_groups: [] }, 'an object with state, param_groups'],
    [{ state: null, config: {} }, 'an object with state, config'],
  ])('of another form is named: %j', (given, got) => {
    const optimizer = optim.adam([param(1)]);
    expect(() => {
      optimizer.loadStateDict(given as never);
    }).toThrow(new TypeError(`adam.loadStateDict: expected { state, config } as stateDict() returns it, got ${got}`));
  });
  it('with something else than tensors is named', () => {
    const optimizer = optim.adam([param(1)]);
    const saved = optimizer.stateDict();
    expect(() => {
      optimizer.loadStateDict({ ...saved, state: { ...saved.state, '0.exp_avg': [1] as never } });
    }).toThrow(new TypeError('adam.loadStateDict: expected 0.exp_avg to be a tensor, got 1 numbers'));
    const gone = ones([1]);
    gone.dispose();
    expect(() => {
      optimizer.loadStateDict({ ...saved, state: { ...saved.state, '0.exp_avg': gone } });
    }).toThrow(new DisposedError('adam.loadStateDict: 0.exp_avg was freed'));
  });
});

describe('the state dict of a module', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [3, '3'],
    [[1], 'Array'],
    [new Map(), 'Map'],
  ])('that is none is named: %j', (given, got) => {
    expect(() => nn.linear(1, 1).loadStateDict(given as never)).toThrow(
      new TypeError(`loadStateDict: Linear: expected an object of tensors by name, got ${got}`),
    );
  });
  it('names what is not a tensor', () => {
    const model = nn.linear(1, 1);
    expect(() => model.loadStateDict({ ...model.stateDict(), weight: [1] as never })).toThrow(
      new nn.StateDictError('loadStateDict: Linear: "weight" is not a tensor'),
    );
  });
  it('loads without num_batches_tracked, which stays', async () => {
    const model = nn.sequential(nn.linear(2, 3), nn.batchNorm1d(3));
    model.forward(rand([4, 2]));
    const { '1.num_batches_tracked': counter, ...rest } = model.stateDict();
    const copy: StateDict = { ...rest, '1.running_mean': tensor([1, 2, 3]) };
    expect(model.loadStateDict(copy)).toEqual({ missing: [], unexpected: [] });
    expect(await counter.item()).toBe(1);
    expect(await numbersOf(model.stateDict()['1.running_mean'])).toEqual([1, 2, 3]);
  });
});

it('a step after the model was freed is an error that names the parameter', () => {
  const model = nn.linear(2, 3);
  const optimizer = optim.sgd(model.parameters());
  sum(model.forward(rand([1, 2]))).backward();
  model.dispose();
  expect(() => {
    optimizer.step();
  }).toThrow(DisposedError);
  expect(() => {
    optimizer.step();
  }).toThrow(/^sgd: parameter 0 'Linear.weight' \[3, 2\] was freed, as by dispose\(\) of its module$/);
});

describe('an error of a layer inside a Sequential', () => {
  const layers = () => nn.sequential(nn.linear(2, 3), nn.relu(), nn.linear(4, 1));
  it('names its number and class', () => {
    expect(() => layers().forward(rand([1, 2]))).toThrow(/^sequential: layer 2 \(Linear\): linear: /);
    expect(() => layers().forward(rand([1, 2]))).toThrow(ShapeError);
  });
  it('names the layers that share a kernel, or each where they do not', () => {
    const model = layers();
    expect(() => model.forward(rand([1, 5]))).toThrow(/^sequential: layers 0 to 1 \(Linear, ReLU\): linear: /);
    model.fuse = false;
    expect(() => model.forward(rand([1, 5]))).toThrow(/^sequential: layer 0 \(Linear\): linear: /);
  });
  it('names the way through those inside others', () => {
    const model = nn.sequential(nn.flatten(), nn.sequential(nn.identity(), layers()));
    expect(() => model.forward(rand([1, 2]))).toThrow(
      /^sequential: layer 1 \(Sequential\): sequential: layer 1 \(Sequential\): sequential: layer 2 \(Linear\): linear: /,
    );
  });
});
