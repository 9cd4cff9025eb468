import { checkOptions } from '../../device/options';
import { checkNumber } from '../checks';
import type { Optimizer } from '../optimizer';
import { LRScheduler } from './scheduler';
import { checkInteger } from './state';

/** Options of `stepLR()`. */
export interface StepLROptions {
  /** Epochs between two decays. */
  stepSize: number;
  /** Factor of a decay; default 0.1. */
  gamma?: number;
}

/** Options of `multiStepLR()`. */
export interface MultiStepLROptions {
  /** Epochs that begin with a decay; one that is named twice decays twice. */
  milestones: readonly number[];
  /** Factor of a decay; default 0.1. */
  gamma?: number;
}

/** Options of `exponentialLR()`. */
export interface ExponentialLROptions {
  /** Factor of each epoch. */
  gamma: number;
}

/** The learning rate times gamma every `stepSize` epochs; made by `stepLR()`. */
export class StepLR extends LRScheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  constructor(optimizer: Optimizer, options: StepLROptions) {
    checkOptions('stepLR', options, 'stepSize gamma');
    const { stepSize, gamma = 0.1 } = options;
    super(optimizer, 'stepLR');
    checkInteger('stepLR', 'stepSize', stepSize, 1);
    checkNumber('stepLR', 'gamma', gamma, 0);
    this.#stepSize = stepSize;
    this.#gamma = gamma;
    this.begin();
  }

  protected next(lr: number): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.#stepSize !== 0 ? lr : lr * this.#gamma;
  }
}

/** The learning rate times gamma at each milestone; made by `multiStepLR()`. */
export class MultiStepLR extends LRScheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  constructor(optimizer: Optimizer, options: MultiStepLROptions) {
    checkOptions('multiStepLR', options, 'milestones gamma');
    const { milestones, gamma = 0.1 } = options;
    super(optimizer, 'multiStepLR');
    for (const milestone of milestones) checkInteger('multiStepLR', 'a milestone', milestone, 1);
    checkNumber('multiStepLR', 'gamma', gamma, 0);
    this.#milestones = [...milestones];
    this.#gamma = gamma;
    this.begin();
  }

  protected next(lr: number): number {
    return lr * this.#gamma ** this.#milestones.filter((milestone) => milestone === this.lastEpoch).length;
  }
}

/** The learning rate times gamma every epoch; made by `exponentialLR()`. */
export class ExponentialLR extends LRScheduler {
  readonly #gamma: number;

  constructor(optimizer: Optimizer, options: ExponentialLROptions) {
    checkOptions('exponentialLR', options, 'gamma');
    const { gamma } = options;
    super(optimizer, 'exponentialLR');
    checkNumber('exponentialLR', 'gamma', gamma, 0);
    this.#gamma = gamma;
    this.begin();
  }

  protected next(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.#gamma;
  }
}

/** Multiplies the learning rate by `gamma` every `stepSize` epochs. Throws `RangeError` for an option out of range. */
export function stepLR(optimizer: Optimizer, options: StepLROptions): StepLR {
  return new StepLR(optimizer, options);
}

/** Multiplies the learning rate by `gamma` at each of `milestones`. Throws `RangeError` for an option out of range. */
export function multiStepLR(optimizer: Optimizer, options: MultiStepLROptions): MultiStepLR {
  return new MultiStepLR(optimizer, options);
}

/** Multiplies the learning rate by `gamma` every epoch. Throws `RangeError` for an option out of range. */
export function exponentialLR(optimizer: Optimizer, options: ExponentialLROptions): ExponentialLR {
  return new ExponentialLR(optimizer, options);
}
