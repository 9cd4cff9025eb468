import type { Optimizer } from '../optimizer';
import { readInteger, readNumber, type SchedulerState } from './state';

/**
 * The base of the schedulers that count epochs (or batches: whatever `step()` is called after). As in PyTorch, each computes
 * a learning rate from the one before, so that several can act on one optimizer; all arithmetic is float64 on the host.
 *
 * To resume: make optimizer and scheduler with the same options as before, then load both states.
 */
export abstract class LRScheduler {
  /** Calls of `step()` so far. */
  lastEpoch = 0;
  #baseLr: number;
  #lastLr: number;

  constructor(
    readonly optimizer: Optimizer,
    protected readonly name: string,
  ) {
    optimizer.initialLr ??= optimizer.lr;
    this.#baseLr = optimizer.initialLr;
    this.#lastLr = optimizer.lr;
  }

  /** The learning rate that the schedule starts from. */
  get baseLr(): number {
    return this.#baseLr;
  }

  /** The learning rate that this scheduler set last. */
  get lastLr(): number {
    return this.#lastLr;
  }

  /** The learning rate of `lastEpoch`, from `lr`, the one before. */
  protected abstract next(lr: number): number;

  /** The learning rate of epoch 0 when it does not follow from one before. */
  protected first(): number {
    return this.baseLr;
  }

  #set(lr: number): void {
    this.optimizer.lr = lr;
    this.#lastLr = lr;
  }

  /** Puts the first learning rate in place; constructors end with it. */
  begin(): void {
    this.lastEpoch = 0;
    this.#set(this.next(this.optimizer.lr));
  }

  /** Starts the schedule over from `baseLr`, whatever the learning rate is now. */
  restart(): void {
    this.lastEpoch = 0;
    this.#set(this.first());
  }

  /** Goes to the next epoch and sets its learning rate. */
  step(): void {
    this.lastEpoch++;
    this.#set(this.next(this.optimizer.lr));
  }

  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLr: this.baseLr, lastLr: this.lastLr };
  }

  /** Goes on where `stateDict()` was taken; the optimizer's own state holds its learning rate. Throws `TypeError` on another state. */
  loadStateDict(state: SchedulerState): void {
    const lastEpoch = readInteger(this.name, state, 'lastEpoch');
    const baseLr = readNumber(this.name, state, 'baseLr', 0);
    const lastLr = readNumber(this.name, state, 'lastLr', 0);
    this.lastEpoch = lastEpoch;
    this.#baseLr = baseLr;
    this.#lastLr = lastLr;
  }
}
