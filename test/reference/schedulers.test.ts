import { beforeAll, describe, expect, it } from 'vitest';
import * as optim from '../../src/optim';
import { zeros } from '../../src/tensor/create/create';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { loadJson } from './vectors';

interface SchedulerSettings {
  scheduler: string;
  options: unknown;
}

interface SchedulerCase extends SchedulerSettings {
  name: string;
  optimizer: 'sgd' | 'adam';
  lr0: number;
  /** At the beginning and after each step. */
  lr: number[];
  /** Where it changes; of Adam beta1. */
  momentum?: number[];
  /** Given to the steps of ReduceLROnPlateau. */
  metrics?: number[];
}

type Steps = (metric: number) => void;
type Factory = (optimizer: optim.Optimizer, options: unknown) => optim.LRScheduler;

const EPOCHS = {
  StepLR: optim.stepLR,
  MultiStepLR: optim.multiStepLR,
  ExponentialLR: optim.exponentialLR,
  CosineAnnealingLR: optim.cosineAnnealingLR,
  LinearLR: optim.linearLR,
  OneCycleLR: optim.oneCycleLR,
} satisfies Record<string, (optimizer: optim.Optimizer, options: never) => optim.LRScheduler>;

function byEpochs(optimizer: optim.Optimizer, { scheduler, options }: SchedulerSettings): optim.LRScheduler {
  if (!Object.hasOwn(EPOCHS, scheduler)) expect.fail(`the vectors hold ${scheduler}, which this test does not call`);
  return (EPOCHS[scheduler as keyof typeof EPOCHS] as Factory)(optimizer, options);
}

function stepsOf(optimizer: optim.Optimizer, settings: SchedulerSettings): Steps {
  if (settings.scheduler === 'ReduceLROnPlateau') {
    const plateau = optim.reduceLROnPlateau(optimizer, settings.options as optim.ReduceLROnPlateauOptions);
    return (metric) => {
      plateau.step(metric);
    };
  }
  const { schedulers, milestones } = settings.options as { schedulers: SchedulerSettings[]; milestones: number[] };
  const scheduler =
    settings.scheduler === 'SequentialLR'
      ? optim.sequentialLR(optimizer, { schedulers: schedulers.map((part) => byEpochs(optimizer, part)), milestones })
      : byEpochs(optimizer, settings);
  return () => {
    scheduler.step();
  };
}

const { steps, cases } = (await loadJson('schedulers.json')) as { steps: number; cases: SchedulerCase[] };

describe('PyTorch: schedulers', () => {
  beforeAll(testDevice);
  it.each(cases)('$scheduler, $optimizer, $name', ({ optimizer: kind, lr0, metrics, ...one }) => {
    const params = [zeros([1], { requiresGrad: true })];
    const optimizer = kind === 'sgd' ? optim.sgd(params, { lr: lr0, momentum: 0.9 }) : optim.adam(params, { lr: lr0 });
    const step = stepsOf(optimizer, one);
    const [lr, momentum] = [[optimizer.lr], [optimizer.momentum]];
    for (let i = 0; i < steps; i++) {
      step(metrics?.[i] ?? NaN);
      lr.push(optimizer.lr);
      momentum.push(optimizer.momentum);
    }
    expectNumbersClose(`${one.scheduler}, ${one.name}: lr`, lr, one.lr, { atol: 1e-16, rtol: 1e-12 });
    const label = `${one.scheduler}, ${one.name}: momentum`;
    expectNumbersClose(label, momentum, one.momentum ?? momentum.map(() => 0.9), { atol: 0, rtol: 1e-12 });
    optimizer.dispose();
  });
});
