import { checkOptions } from '../../device/options';
import type { Optimizer } from '../optimizer';
import { LRScheduler } from './scheduler';
import { checkInteger } from './state';

/** Options of `linearLR()`. */
export interface LinearLROptions {
  /** Factor at the beginning, in (0, 1]; default 1/3. */
  startFactor?: number;
  /** Factor after `totalIters` epochs, in [0, 1]; default 1. */
  endFactor?: number;
  /** Default 5. */
  totalIters?: number;
}

/** The learning rate times a factor that changes evenly: a warm-up; made by `linearLR()`. */
export class LinearLR extends LRScheduler {
  readonly #start: number;
  readonly #end: number;
  readonly #total: number;

  constructor(optimizer: Optimizer, options: LinearLROptions = {}) {
    checkOptions('linearLR', options, 'startFactor endFactor totalIters');
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    super(optimizer, 'linearLR');
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new RangeError(`linearLR: expected startFactor in (0, 1], got ${startFactor}`);
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new RangeError(`linearLR: expected endFactor in [0, 1], got ${endFactor}`);
    }
    checkInteger('linearLR', 'totalIters', totalIters, 1);
    this.#start = startFactor;
    this.#end = endFactor;
    this.#total = totalIters;
    this.begin();
  }

  protected next(lr: number): number {
    const [epoch, start, total] = [this.lastEpoch, this.#start, this.#total];
    if (epoch === 0) return lr * start;
    if (epoch > total) return lr;
    const change = this.#end - start;
    return lr * (1 + change / (total * start + (epoch - 1) * change));
  }

  protected override first(): number {
    return this.baseLr * this.#start;
  }
}

/** Multiplies the learning rate by a factor that goes evenly from `startFactor` to `endFactor`. Throws `RangeError` for an option out of range. */
export function linearLR(optimizer: Optimizer, options: LinearLROptions = {}): LinearLR {
  return new LinearLR(optimizer, options);
}
