import { checkOptions } from '../../device/options';
import { checkNumber } from '../checks';
import type { Optimizer } from '../optimizer';
import { LRScheduler } from './scheduler';
import { checkInteger } from './state';

/** Options of `oneCycleLR()`. */
export interface OneCycleLROptions {
  /** The learning rate at the top. */
  maxLr: number;
  /** Steps (batches) of the whole cycle; or give `epochs` and `stepsPerEpoch`. */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  /** Fraction of the cycle in which the learning rate rises; default 0.3. */
  pctStart?: number;
  /** Default 'cos'. */
  annealStrategy?: 'cos' | 'linear';
  /** Whether the momentum (Adam: beta1) falls from `maxMomentum` to `baseMomentum` and rises again; default true. */
  cycleMomentum?: boolean;
  /** Default 0.85. */
  baseMomentum?: number;
  /** Default 0.95. */
  maxMomentum?: number;
  /** The cycle begins with maxLr / divFactor; default 25. */
  divFactor?: number;
  /** And ends with that divided by this; default 1e4. */
  finalDivFactor?: number;
  /** Go down to the initial rate as fast as up, and use the rest for the final one; default false. */
  threePhase?: boolean;
}

type Pair = readonly [from: number, to: number];

interface Phase {
  readonly end: number;
  readonly lr: Pair;
  readonly momentum: Pair;
}

const ANNEAL = {
  cos: ([from, to]: Pair, share: number): number => to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1),
  linear: ([from, to]: Pair, share: number): number => (to - from) * share + from,
};

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps !== undefined) {
    checkInteger('oneCycleLR', 'totalSteps', totalSteps, 1);
    return totalSteps;
  }
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new RangeError('oneCycleLR: expected totalSteps, or epochs and stepsPerEpoch');
  }
  checkInteger('oneCycleLR', 'epochs', epochs, 1);
  checkInteger('oneCycleLR', 'stepsPerEpoch', stepsPerEpoch, 1);
  return epochs * stepsPerEpoch;
}

function phasesOf(total: number, options: OneCycleLROptions): Phase[] {
  const { maxLr, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
  const { baseMomentum = 0.85, maxMomentum = 0.95 } = options;
  checkNumber('oneCycleLR', 'maxLr', maxLr, 0);
  if (!(pctStart >= 0 && pctStart <= 1)) {
    throw new RangeError(`oneCycleLR: expected pctStart in [0, 1], got ${pctStart}`);
  }
  if (!(divFactor > 0 && finalDivFactor > 0)) {
    throw new RangeError(
      `oneCycleLR: expected divFactor and finalDivFactor > 0, got ${divFactor} and ${finalDivFactor}`,
    );
  }
  const initial = maxLr / divFactor;
  const last = initial / finalDivFactor;
  const up = pctStart * total - 1;
  const falling: Pair = [maxMomentum, baseMomentum];
  const rising: Pair = [baseMomentum, maxMomentum];
  const rise: Phase = { end: up, lr: [initial, maxLr], momentum: falling };
  if (!threePhase) return [rise, { end: total - 1, lr: [maxLr, last], momentum: rising }];
  return [
    rise,
    { end: 2 * pctStart * total - 2, lr: [maxLr, initial], momentum: rising },
    { end: total - 1, lr: [initial, last], momentum: [maxMomentum, maxMomentum] },
  ];
}

/** One rise and one fall of the learning rate, with the momentum going the other way; made by `oneCycleLR()`. */
export class OneCycleLR extends LRScheduler {
  readonly #total: number;
  readonly #phases: readonly Phase[];
  readonly #anneal: (pair: Pair, share: number) => number;
  readonly #cycleMomentum: boolean;

  constructor(optimizer: Optimizer, options: OneCycleLROptions) {
    checkOptions(
      'oneCycleLR',
      options,
      'maxLr totalSteps epochs stepsPerEpoch pctStart annealStrategy cycleMomentum',
      'baseMomentum maxMomentum divFactor finalDivFactor threePhase',
    );
    const total = stepsOf(options);
    const phases = phasesOf(total, options);
    const { annealStrategy = 'cos', cycleMomentum = true } = options;
    if (!Object.hasOwn(ANNEAL, annealStrategy)) {
      throw new RangeError(`oneCycleLR: expected annealStrategy 'cos' or 'linear', got '${annealStrategy}'`);
    }
    // As in PyTorch, the cycle's beginning replaces the optimizer's own learning rate, for later schedulers too.
    [optimizer.initialLr] = phases[0].lr;
    super(optimizer, 'oneCycleLR');
    this.#total = total;
    this.#phases = phases;
    this.#anneal = ANNEAL[annealStrategy];
    this.#cycleMomentum = cycleMomentum;
    this.begin();
  }

  protected next(): number {
    const step = this.lastEpoch;
    if (step > this.#total) {
      throw new RangeError(`oneCycleLR: step ${step} was asked for, the cycle has ${this.#total}`);
    }
    const found = this.#phases.findIndex(({ end }) => step <= end);
    const at = found < 0 ? this.#phases.length - 1 : found;
    const { end, lr, momentum } = this.#phases[at];
    const start = at === 0 ? 0 : this.#phases[at - 1].end;
    // A phase without length is over; and the call after the last batch, where PyTorch overshoots, stays at the end.
    const share = end === start ? 1 : Math.min(1, (step - start) / (end - start));
    if (this.#cycleMomentum) this.optimizer.momentum = this.#anneal(momentum, share);
    return this.#anneal(lr, share);
  }

  protected override first(): number {
    return this.next();
  }
}

/**
 * Super-convergence's cycle (Smith and Topin 2017): the learning rate rises to `maxLr` and falls far below its beginning,
 * while the momentum falls and rises; `step()` is called after every batch.
 * Throws `RangeError` for an option out of range, and from `step()` past the end.
 */
export function oneCycleLR(optimizer: Optimizer, options: OneCycleLROptions): OneCycleLR {
  return new OneCycleLR(optimizer, options);
}
