import { beforeAll, describe, expect, it } from 'vitest';
import * as optim from '../../src/optim';
import { testDevice } from '../support/device';
import { parameter } from '../support/optim';

beforeAll(testDevice);

const made = (lr = 0.1) => optim.sgd([parameter([1], 1)], { lr, momentum: 0.9 });

interface Steps {
  step(): void;
  readonly lastLr: number;
}

/** The learning rate at the beginning and after each of `count` steps; `lastLr` must agree with it. */
function trace(optimizer: optim.Optimizer, scheduler: Steps, count: number): number[] {
  const seen = [optimizer.lr];
  for (let i = 0; i < count; i++) {
    expect(scheduler.lastLr).toBe(optimizer.lr);
    scheduler.step();
    seen.push(optimizer.lr);
  }
  return seen;
}

function expectTrace(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((lr, i) => {
    expect(Math.abs(lr - expected[i]), `epoch ${i}: ${lr}, expected ${expected[i]}`).toBeLessThan(1e-12);
  });
}

const epochs = (count: number, lr: (epoch: number) => number) => Array.from({ length: count + 1 }, (_, i) => lr(i));

describe('closed forms', () => {
  it('stepLR', () => {
    const optimizer = made();
    const scheduler = optim.stepLR(optimizer, { stepSize: 3, gamma: 0.5 });
    expectTrace(
      trace(optimizer, scheduler, 10),
      epochs(10, (i) => 0.1 * 0.5 ** Math.floor(i / 3)),
    );
  });
  it('multiStepLR', () => {
    const optimizer = made();
    const scheduler = optim.multiStepLR(optimizer, { milestones: [2, 5, 5] });
    const factor = (i: number) => (i < 2 ? 1 : i < 5 ? 0.1 : 1e-3);
    expectTrace(
      trace(optimizer, scheduler, 8),
      epochs(8, (i) => 0.1 * factor(i)),
    );
  });
  it('exponentialLR', () => {
    const optimizer = made();
    const scheduler = optim.exponentialLR(optimizer, { gamma: 0.9 });
    expectTrace(
      trace(optimizer, scheduler, 20),
      epochs(20, (i) => 0.1 * 0.9 ** i),
    );
  });
  it('cosineAnnealingLR, past its end and up again', () => {
    const optimizer = made();
    const scheduler = optim.cosineAnnealingLR(optimizer, { tMax: 10, etaMin: 0.01 });
    const lr = (i: number) => 0.01 + (0.09 * (1 + Math.cos((Math.PI * i) / 10))) / 2;
    expectTrace(trace(optimizer, scheduler, 45), epochs(45, lr));
  });
  it('linearLR', () => {
    const optimizer = made();
    const scheduler = optim.linearLR(optimizer);
    expectTrace(
      trace(optimizer, scheduler, 8),
      epochs(8, (i) => 0.1 * (1 / 3 + (2 / 3) * (Math.min(i, 5) / 5))),
    );
    const falling = made();
    const fall = optim.linearLR(falling, { startFactor: 1, endFactor: 0, totalIters: 4 });
    expectTrace(trace(falling, fall, 6), [0.1, 0.075, 0.05, 0.025, 0, 0, 0]);
  });
  it('oneCycleLR with its momentum', () => {
    const optimizer = made();
    const options = { maxLr: 1, epochs: 5, stepsPerEpoch: 2, annealStrategy: 'linear', divFactor: 10 } as const;
    const scheduler = optim.oneCycleLR(optimizer, { ...options, finalDivFactor: 100 });
    const momenta = [optimizer.momentum];
    const lrs = [optimizer.lr];
    for (let i = 0; i < 9; i++) {
      scheduler.step();
      lrs.push(optimizer.lr);
      momenta.push(optimizer.momentum);
    }
    // Up in steps 0 to 2, down in steps 2 to 9.
    expectTrace(
      lrs,
      epochs(9, (i) => (i <= 2 ? 0.1 + 0.45 * i : 1 - (0.999 * (i - 2)) / 7)),
    );
    expectTrace(
      momenta,
      epochs(9, (i) => (i <= 2 ? 0.95 - 0.05 * i : 0.85 + (0.1 * (i - 2)) / 7)),
    );
    scheduler.step();
    expect(optimizer.lr).toBeCloseTo(0.001, 12);
    expect(() => {
      scheduler.step();
    }).toThrow('oneCycleLR: step 11 was asked for, the cycle has 10');
  });
  it('oneCycleLR in three phases, with beta1 of Adam or without', () => {
    const optimizer = optim.adam([parameter([1], 1)]);
    const scheduler = optim.oneCycleLR(optimizer, { maxLr: 1, totalSteps: 11, threePhase: true, pctStart: 4 / 11 });
    const lrs = trace(optimizer, scheduler, 10);
    const wave = (share: number) => 0.04 + 0.48 * (1 - Math.cos(Math.PI * share));
    const low = (share: number) => 4e-6 + ((0.04 - 4e-6) / 2) * (1 + Math.cos(Math.PI * share));
    expectTrace(
      lrs,
      epochs(10, (i) => (i <= 6 ? wave(i / 3) : low((i - 6) / 4))),
    );
    expect(optimizer.betas).toEqual([0.95, 0.999]);
    const still = optim.adam([parameter([1], 1)]);
    optim.oneCycleLR(still, { maxLr: 1, totalSteps: 10, cycleMomentum: false }).step();
    expect(still.betas).toEqual([0.9, 0.999]);
  });
  it('two on one optimizer: each acts on what the other left', () => {
    const optimizer = made();
    const warmUp = optim.linearLR(optimizer, { startFactor: 0.5, totalIters: 4 });
    const decay = optim.exponentialLR(optimizer, { gamma: 0.9 });
    expect([warmUp.baseLr, decay.baseLr]).toEqual([0.1, 0.1]);
    const seen = [optimizer.lr];
    for (let i = 0; i < 6; i++) {
      warmUp.step();
      decay.step();
      seen.push(optimizer.lr);
    }
    expectTrace(
      seen,
      epochs(6, (i) => 0.1 * (0.5 + 0.125 * Math.min(i, 4)) * 0.9 ** i),
    );
  });
  it('sequentialLR: warm-up, then a decay from the initial rate', () => {
    const optimizer = made();
    const schedulers = [
      optim.linearLR(optimizer, { startFactor: 0.25, totalIters: 3 }),
      optim.exponentialLR(optimizer, { gamma: 0.5 }),
      optim.linearLR(optimizer, { startFactor: 0.5, totalIters: 2 }),
    ];
    const scheduler = optim.sequentialLR(optimizer, { schedulers, milestones: [2, 5] });
    expectTrace(trace(optimizer, scheduler, 8), [0.025, 0.05, 0.1, 0.05, 0.025, 0.05, 0.075, 0.1, 0.1]);
  });
});

describe('reduceLROnPlateau', () => {
  const run = (options: optim.ReduceLROnPlateauOptions, metrics: readonly number[]) => {
    const optimizer = made();
    const scheduler = optim.reduceLROnPlateau(optimizer, options);
    return metrics.map((metric) => {
      scheduler.step(metric);
      expect(scheduler.lastLr).toBe(optimizer.lr);
      return optimizer.lr;
    });
  };
  it('waits for more than `patience` bad epochs', () => {
    expectTrace(
      run({ patience: 2, factor: 0.5 }, [1, 1, 1, 1, 1, 0.5, 1, 1, 1]),
      [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.025],
    );
  });
  it('expects an improvement by the threshold, relative or absolute, down or up', () => {
    const options = { patience: 0, factor: 0.5, threshold: 0.1 } as const;
    expectTrace(run(options, [10, 9.1, 8.9]), [0.1, 0.05, 0.05]);
    expectTrace(run({ ...options, thresholdMode: 'abs' }, [10, 9.95, 9.85]), [0.1, 0.05, 0.05]);
    expectTrace(run({ ...options, mode: 'max' }, [10, 10.9, 11.1]), [0.1, 0.05, 0.05]);
    expectTrace(run({ ...options, mode: 'max', thresholdMode: 'abs' }, [10, 10.05, 10.15]), [0.1, 0.05, 0.05]);
  });
  it('rests after a reduction, and stops at minLr or below eps', () => {
    expectTrace(run({ patience: 0, factor: 0.5, cooldown: 2 }, [1, 1, 1, 1, 1]), [0.1, 0.05, 0.05, 0.05, 0.025]);
    expectTrace(run({ patience: 0, factor: 0.5, minLr: 0.03 }, [1, 1, 1, 1]), [0.1, 0.05, 0.03, 0.03]);
    expectTrace(run({ patience: 0, factor: 0.5, eps: 0.04 }, [1, 1, 1]), [0.1, 0.05, 0.05]);
  });
  it('takes NaN as a bad epoch', () => {
    expectTrace(run({ patience: 1, factor: 0.5 }, [NaN, NaN, 1]), [0.1, 0.05, 0.05]);
  });
});

describe('stop and resume', () => {
  type Resumable = Steps & { stateDict(): optim.SchedulerState; loadStateDict(state: optim.SchedulerState): void };
  const kinds: Record<string, (optimizer: optim.Optimizer) => Resumable> = {
    stepLR: (o) => optim.stepLR(o, { stepSize: 3 }),
    multiStepLR: (o) => optim.multiStepLR(o, { milestones: [3, 9] }),
    exponentialLR: (o) => optim.exponentialLR(o, { gamma: 0.9 }),
    cosineAnnealingLR: (o) => optim.cosineAnnealingLR(o, { tMax: 8 }),
    linearLR: (o) => optim.linearLR(o, { totalIters: 9 }),
    oneCycleLR: (o) => optim.oneCycleLR(o, { maxLr: 1, totalSteps: 20 }),
    sequentialLR: (o) => {
      const schedulers = [optim.linearLR(o), optim.cosineAnnealingLR(o, { tMax: 10 })];
      return optim.sequentialLR(o, { schedulers, milestones: [8] });
    },
  };
  it.each(Object.keys(kinds))('%s goes on as if it had not stopped', (kind) => {
    const through = made();
    const whole = trace(through, kinds[kind](through), 12);
    const first = made();
    const before = kinds[kind](first);
    trace(first, before, 6);
    const second = made(0.7);
    const after = kinds[kind](second);
    const json = JSON.stringify([first.stateDict().config, before.stateDict()]);
    const [config, state] = JSON.parse(json) as [optim.OptimizerState['config'], optim.SchedulerState];
    second.loadStateDict({ state: first.stateDict().state, config });
    after.loadStateDict(state);
    expect(trace(second, after, 6)).toEqual(whole.slice(6));
    expect(second.momentum).toBe(through.momentum);
  });
  it('reduceLROnPlateau goes on as if it had not stopped', () => {
    const metrics = [5, 4, 4, 4, 4, 4, 4, 4];
    const options = { patience: 1, factor: 0.5, cooldown: 1 };
    const [through, first, second] = [made(), made(), made()];
    const whole = optim.reduceLROnPlateau(through, options);
    const before = optim.reduceLROnPlateau(first, options);
    expect(before.stateDict().best).toBeNull();
    metrics.forEach((metric, i) => {
      whole.step(metric);
      if (i < 4) before.step(metric);
    });
    const after = optim.reduceLROnPlateau(second, options);
    after.loadStateDict(JSON.parse(JSON.stringify(before.stateDict())) as optim.SchedulerState);
    second.lr = first.lr;
    for (const metric of metrics.slice(4)) after.step(metric);
    expect(after.stateDict()).toEqual(whole.stateDict());
  });
  it('refuses a state that is none, and changes nothing', () => {
    const optimizer = made();
    const scheduler = optim.stepLR(optimizer, { stepSize: 2 });
    const state = scheduler.stateDict();
    const bad: [optim.SchedulerState, string][] = [
      [{ ...state, lastEpoch: -1 }, 'stepLR.loadStateDict: expected lastEpoch to be a number, got -1'],
      [{ ...state, lastEpoch: 1.5 }, 'stepLR.loadStateDict: expected lastEpoch to be an integer, got 1.5'],
      [{ lastEpoch: 3, baseLr: 0.1 }, 'stepLR.loadStateDict: expected lastLr to be a number, got undefined'],
    ];
    for (const [given, message] of bad) {
      expect(() => {
        scheduler.loadStateDict(given);
      }).toThrow(message);
    }
    expect(scheduler.stateDict()).toEqual(state);
    const sequence = optim.sequentialLR(optimizer, { schedulers: [scheduler], milestones: [] });
    expect(() => {
      sequence.loadStateDict({ lastEpoch: 1, lastLr: 0.1, schedulers: [] });
    }).toThrow('sequentialLR.loadStateDict: expected the states of 1 schedulers');
  });
});

describe('options', () => {
  it('are in range', () => {
    const o = made();
    expect(() => optim.stepLR(o, { stepSize: 0 })).toThrow('stepLR: expected stepSize to be an integer >= 1, got 0');
    expect(() => optim.multiStepLR(o, { milestones: [2.5] })).toThrow(
      'multiStepLR: expected a milestone to be an integer >= 1, got 2.5',
    );
    expect(() => optim.exponentialLR(o, { gamma: -1 })).toThrow(
      'exponentialLR: expected gamma to be a finite number >= 0, got -1',
    );
    expect(() => optim.cosineAnnealingLR(o, { tMax: 0 })).toThrow(
      'cosineAnnealingLR: expected tMax to be an integer >= 1, got 0',
    );
    expect(() => optim.linearLR(o, { startFactor: 0 })).toThrow('linearLR: expected startFactor in (0, 1], got 0');
    expect(() => optim.linearLR(o, { endFactor: 2 })).toThrow('linearLR: expected endFactor in [0, 1], got 2');
    expect(() => optim.oneCycleLR(o, { maxLr: 1 })).toThrow('expected totalSteps, or epochs and stepsPerEpoch');
    expect(() => optim.oneCycleLR(o, { maxLr: 1, totalSteps: 5, pctStart: 2 })).toThrow(
      'oneCycleLR: expected pctStart in [0, 1], got 2',
    );
    expect(() => optim.reduceLROnPlateau(o, { factor: 1 })).toThrow(
      'reduceLROnPlateau: expected factor to be a number in [0, 1), got 1',
    );
    expect(() => optim.sequentialLR(o, { schedulers: [], milestones: [] })).toThrow(
      'expected 0 milestones for 0 schedulers, got 0',
    );
    const scheduler = optim.stepLR(o, { stepSize: 1 });
    const schedulers = [scheduler, scheduler, scheduler];
    expect(() => optim.sequentialLR(o, { schedulers, milestones: [1] })).toThrow(
      'expected 2 milestones for 3 schedulers, got 1',
    );
    expect(() => optim.sequentialLR(o, { schedulers, milestones: [4, 4] })).toThrow(
      'expected milestones[1] to be an integer >= 5, got 4',
    );
    expect(() => optim.sequentialLR(made(), { schedulers, milestones: [1, 2] })).toThrow(
      'schedulers[0] is for another optimizer',
    );
  });
});
