import { checkOptions } from '../../device/options';
import { checkNumber } from '../checks';
import type { Optimizer } from '../optimizer';
import { LRScheduler } from './scheduler';
import { checkInteger } from './state';

/** Options of `cosineAnnealingLR()`. */
export interface CosineAnnealingLROptions {
  /** Epochs from the initial learning rate down to `etaMin`. */
  tMax: number;
  /** The least learning rate; default 0. */
  etaMin?: number;
}

/** Half a cosine from the initial learning rate to `etaMin`, and back; made by `cosineAnnealingLR()`. */
export class CosineAnnealingLR extends LRScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  constructor(optimizer: Optimizer, options: CosineAnnealingLROptions) {
    checkOptions('cosineAnnealingLR', options, 'tMax etaMin');
    const { tMax, etaMin = 0 } = options;
    super(optimizer, 'cosineAnnealingLR');
    checkInteger('cosineAnnealingLR', 'tMax', tMax, 1);
    checkNumber('cosineAnnealingLR', 'etaMin', etaMin, 0);
    this.#tMax = tMax;
    this.#etaMin = etaMin;
    this.begin();
  }

  // PyTorch's recursion: what other schedulers do to the learning rate stays in it.
  protected next(lr: number): number {
    const [epoch, tMax, etaMin] = [this.lastEpoch, this.#tMax, this.#etaMin];
    if (epoch === 0) return lr;
    // At the lowest point there is no ratio to the epoch before.
    if ((epoch - 1 - tMax) % (2 * tMax) === 0) {
      return lr + ((this.baseLr - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    }
    const ratio = (1 + Math.cos((Math.PI * epoch) / tMax)) / (1 + Math.cos((Math.PI * (epoch - 1)) / tMax));
    return ratio * (lr - etaMin) + etaMin;
  }
}

/**
 * Anneals the learning rate along half a cosine (Loshchilov and Hutter 2017, without restarts).
 * Throws `RangeError` for an option out of range.
 */
export function cosineAnnealingLR(optimizer: Optimizer, options: CosineAnnealingLROptions): CosineAnnealingLR {
  return new CosineAnnealingLR(optimizer, options);
}
