import { checkOptions } from '../../device/options';
import { tracer } from '../../tensor/tracer';
import type { Optimizer } from '../optimizer';
import type { LRScheduler } from './scheduler';
import { checkInteger, readInteger, readNumber, type SchedulerState } from './state';

/** Options of `sequentialLR()`. */
export interface SequentialLROptions {
  schedulers: readonly LRScheduler[];
  /** The epochs at which the second, third, … scheduler begins; rising, one less than there are schedulers. */
  milestones: readonly number[];
}

const NAME = 'sequentialLR';

/** One scheduler after the other, such as a warm-up and a decay; made by `sequentialLR()`. */
export class SequentialLR {
  readonly #schedulers: readonly LRScheduler[];
  readonly #milestones: readonly number[];
  #lastLr: number;
  readonly #loads: number;
  /** Calls of `step()` so far. */
  lastEpoch = 0;

  constructor(
    readonly optimizer: Optimizer,
    options: SequentialLROptions,
  ) {
    checkOptions(NAME, options, 'schedulers milestones');
    const { schedulers, milestones } = options;
    if (schedulers.length === 0 || milestones.length !== schedulers.length - 1) {
      throw new RangeError(
        `${NAME}: expected ${Math.max(0, schedulers.length - 1)} milestones for ${schedulers.length} schedulers, got ${milestones.length}`,
      );
    }
    milestones.forEach((milestone, i) => {
      checkInteger(NAME, `milestones[${i}]`, milestone, i === 0 ? 1 : milestones[i - 1] + 1);
    });
    schedulers.forEach((scheduler, i) => {
      if (scheduler.optimizer !== optimizer) throw new TypeError(`${NAME}: schedulers[${i}] is for another optimizer`);
    });
    this.#schedulers = [...schedulers];
    this.#milestones = [...milestones];
    // The schedulers have each set their first learning rate: undo that, and let the first one begin alone.
    const [first] = schedulers;
    optimizer.lr = optimizer.initialLr ?? optimizer.lr;
    first.begin();
    this.#lastLr = first.lastLr;
    this.#loads = optimizer.loads;
  }

  /** The learning rate that the current scheduler set last. */
  get lastLr(): number {
    return this.#lastLr;
  }

  /** Goes to the next epoch; at a milestone the next scheduler begins, from the initial learning rate. */
  step(): void {
    const before = [this.lastEpoch, this.#lastLr] as const;
    tracer?.undo(() => {
      [this.lastEpoch, this.#lastLr] = before;
    });
    this.lastEpoch++;
    const at = this.#milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.#schedulers[at];
    if (at > 0 && this.#milestones[at - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
    this.#lastLr = scheduler.lastLr;
  }

  /** Where the schedule stands, as plain JSON. */
  stateDict(): SchedulerState {
    const schedulers = this.#schedulers.map((scheduler) => scheduler.stateDict());
    return { lastEpoch: this.lastEpoch, lastLr: this.#lastLr, schedulers };
  }

  /** Goes on where `stateDict()` was taken; the optimizer's own state holds its learning rate. Throws `TypeError` on another state. */
  loadStateDict(state: SchedulerState): void {
    const lastEpoch = readInteger(NAME, state, 'lastEpoch');
    const lastLr = readNumber(NAME, state, 'lastLr', 0);
    const { schedulers } = state;
    if (!Array.isArray(schedulers) || schedulers.length !== this.#schedulers.length) {
      throw new TypeError(`${NAME}.loadStateDict: expected the states of ${this.#schedulers.length} schedulers`);
    }
    const states = schedulers as readonly SchedulerState[];
    const before = this.#schedulers.map((scheduler) => scheduler.stateDict());
    try {
      this.#schedulers.forEach((scheduler, i) => {
        scheduler.loadStateDict(states[i]);
      });
    } catch (error) {
      this.#schedulers.forEach((scheduler, i) => {
        scheduler.loadStateDict(before[i]);
      });
      throw error;
    }
    this.lastEpoch = lastEpoch;
    this.#lastLr = lastLr;
    // The optimizer's state was loaded before this was made, which set the first learning rate.
    const { optimizer } = this;
    if (optimizer.loads > 0 && optimizer.loads === this.#loads) optimizer.lr = lastLr;
  }
}

/**
 * Runs `schedulers` one after the other, changing at `milestones`; each begins with its own initial learning rate.
 * Throws `RangeError` or `TypeError` when milestones and schedulers do not fit.
 */
export function sequentialLR(optimizer: Optimizer, options: SequentialLROptions): SequentialLR {
  return new SequentialLR(optimizer, options);
}
