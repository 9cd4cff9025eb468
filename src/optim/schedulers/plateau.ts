import { checkOptions } from '../../device/options';
import { checkNumber } from '../checks';
import { tracer } from '../../tensor/tracer';
import type { Optimizer } from '../optimizer';
import { checkInteger, readInteger, readNumber, type SchedulerState } from './state';

/** Options of `reduceLROnPlateau()`. */
export interface ReduceLROnPlateauOptions {
  /** Whether the metric should fall ('min', default) or rise ('max'). */
  mode?: 'min' | 'max';
  /** Default 0.1. */
  factor?: number;
  /** Epochs without improvement that are tolerated; default 10. */
  patience?: number;
  /** The least change that counts as an improvement; default 1e-4. */
  threshold?: number;
  /** Whether `threshold` is relative to the best value ('rel', default) or a difference ('abs'). */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction that do not count; default 0. */
  cooldown?: number;
  /** Default 0. */
  minLr?: number;
  /** A reduction of less than this is not made; default 1e-8. */
  eps?: number;
}

const NAME = 'reduceLROnPlateau';

/** Reduces the learning rate when a metric stops improving; made by `reduceLROnPlateau()`. */
export class ReduceLROnPlateau {
  readonly #options: Readonly<Required<ReduceLROnPlateauOptions>>;
  /** `null` before the first step. */
  #best: number | null = null;
  #badEpochs = 0;
  #cooldownLeft = 0;
  #lastLr: number;
  /** Calls of `step()` so far. */
  lastEpoch = 0;

  constructor(
    readonly optimizer: Optimizer,
    options: ReduceLROnPlateauOptions = {},
  ) {
    checkOptions(NAME, options, 'mode factor patience threshold thresholdMode cooldown minLr eps');
    const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel' } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    if (!['min', 'max'].includes(mode)) throw new RangeError(`${NAME}: expected mode 'min' or 'max', got '${mode}'`);
    if (!['rel', 'abs'].includes(thresholdMode)) {
      throw new RangeError(`${NAME}: expected thresholdMode 'rel' or 'abs', got '${thresholdMode}'`);
    }
    checkNumber(NAME, 'factor', factor, 0, 1);
    checkInteger(NAME, 'patience', patience, 0);
    checkNumber(NAME, 'threshold', threshold, 0);
    checkInteger(NAME, 'cooldown', cooldown, 0);
    checkNumber(NAME, 'minLr', minLr, 0);
    checkNumber(NAME, 'eps', eps, 0);
    this.#options = { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
    this.#lastLr = optimizer.lr;
  }

  /** The learning rate after the last step. */
  get lastLr(): number {
    return this.#lastLr;
  }

  #improved(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    if (this.#best === null) return mode === 'min' ? metric < Infinity : metric > -Infinity;
    const sign = mode === 'min' ? -1 : 1;
    const margin = thresholdMode === 'rel' ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === 'min' ? metric < margin : metric > margin;
  }

  /** Takes the metric of one more epoch; NaN is no improvement, as in PyTorch. Throws `TypeError` unless it is a number: read a tensor with `item()` first. */
  step(metric: number): void {
    if (typeof metric !== 'number')
      throw new TypeError(`${NAME}: expected the metric to be a number, got ${typeof metric}`);
    const before = [this.#best, this.#badEpochs, this.#cooldownLeft, this.#lastLr, this.lastEpoch] as const;
    tracer?.undo(() => {
      [this.#best, this.#badEpochs, this.#cooldownLeft, this.#lastLr, this.lastEpoch] = before;
    });
    const { factor, patience, cooldown, minLr, eps } = this.#options;
    this.lastEpoch++;
    if (this.#improved(metric)) {
      this.#best = metric;
      this.#badEpochs = 0;
    } else this.#badEpochs++;
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs > patience) {
      const { lr } = this.optimizer;
      const reduced = Math.max(lr * factor, minLr);
      if (lr - reduced > eps) this.optimizer.lr = reduced;
      this.#cooldownLeft = cooldown;
      this.#badEpochs = 0;
    }
    this.#lastLr = this.optimizer.lr;
  }

  /** Where the schedule stands, as plain JSON. */
  stateDict(): SchedulerState {
    return {
      lastEpoch: this.lastEpoch,
      lastLr: this.#lastLr,
      best: this.#best,
      badEpochs: this.#badEpochs,
      cooldownLeft: this.#cooldownLeft,
    };
  }

  /** Goes on where `stateDict()` was taken; the optimizer's own state holds its learning rate. Throws `TypeError` on another state. */
  loadStateDict(state: SchedulerState): void {
    const lastEpoch = readInteger(NAME, state, 'lastEpoch');
    const lastLr = readNumber(NAME, state, 'lastLr', 0);
    const best = state.best === null ? null : readNumber(NAME, state, 'best');
    const badEpochs = readInteger(NAME, state, 'badEpochs');
    const cooldownLeft = readInteger(NAME, state, 'cooldownLeft');
    this.lastEpoch = lastEpoch;
    this.#lastLr = lastLr;
    this.#best = best;
    this.#badEpochs = badEpochs;
    this.#cooldownLeft = cooldownLeft;
  }
}

/**
 * Multiplies the learning rate by `factor` once a metric has not improved for more than `patience` epochs; `step(metric)`
 * is called after each. Throws `RangeError` for an option out of range.
 */
export function reduceLROnPlateau(optimizer: Optimizer, options: ReduceLROnPlateauOptions = {}): ReduceLROnPlateau {
  return new ReduceLROnPlateau(optimizer, options);
}
