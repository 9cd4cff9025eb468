import type { Optimizer } from '../optimizer';
import { tracer } from '../../tensor/tracer';
import { readInteger, readNumber, type SchedulerState } from './state';

interface Settings {
  readonly lr: number;
  readonly momentum: number;
}

const settingsOf = ({ lr, momentum }: Optimizer): Settings => ({ lr, momentum });

/**
 * The base of the schedulers that count epochs (or batches: whatever `step()` is called after). As in PyTorch, each computes
 * a learning rate from the one before, so that several can act on one optimizer; all arithmetic is float64 on the host.
 *
 * To resume: make optimizer and scheduler with the same options as before and load both states. A scheduler can be made before or
 * after the optimizer's state is loaded.
 */
export abstract class LRScheduler {
  /** Calls of `step()` so far. */
  lastEpoch = 0;
  #baseLr: number;
  #lastLr: number;
  /** What this scheduler found, and what it made of that before the first step. */
  readonly #found: Settings;
  #begun: Settings | null = null;
  readonly #loads: number;

  constructor(
    readonly optimizer: Optimizer,
    protected readonly name: string,
  ) {
    optimizer.initialLr ??= optimizer.lr;
    this.#baseLr = optimizer.initialLr;
    this.#lastLr = optimizer.lr;
    this.#found = settingsOf(optimizer);
    this.#loads = optimizer.loads;
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

  /** In a rehearsal, what follows is taken back. */
  #undoable(): void {
    const before = [this.lastEpoch, this.#lastLr, this.#begun] as const;
    tracer?.undo(() => {
      [this.lastEpoch, this.#lastLr, this.#begun] = before;
    });
  }

  /** Puts the first learning rate in place; constructors end with it. */
  begin(): void {
    this.lastEpoch = 0;
    this.#set(this.next(this.optimizer.lr));
    this.#begun = settingsOf(this.optimizer);
  }

  /** Starts the schedule over from `baseLr`, whatever the learning rate is now. */
  restart(): void {
    this.#undoable();
    this.lastEpoch = 0;
    this.#set(this.first());
  }

  /** Goes to the next epoch and sets its learning rate. */
  step(): void {
    this.#undoable();
    this.#begun = null;
    this.lastEpoch++;
    this.#set(this.next(this.optimizer.lr));
  }

  /** Undoes the beginning where the optimizer had loaded a state before: that holds the settings to go on from. */
  #restoreLoaded(): void {
    const { optimizer } = this;
    if (!this.#begun || optimizer.loads === 0 || optimizer.loads !== this.#loads) return;
    for (const setting of ['lr', 'momentum'] as const)
      if (optimizer[setting] === this.#begun[setting]) optimizer[setting] = this.#found[setting];
  }

  /** Where the schedule stands, as plain JSON. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLr: this.baseLr, lastLr: this.lastLr };
  }

  /** Goes on where `stateDict()` was taken; the optimizer's own state holds its learning rate. Throws `TypeError` on another state. */
  loadStateDict(state: SchedulerState): void {
    const lastEpoch = readInteger(this.name, state, 'lastEpoch');
    const baseLr = readNumber(this.name, state, 'baseLr', 0);
    const lastLr = readNumber(this.name, state, 'lastLr', 0);
    this.#restoreLoaded();
    this.lastEpoch = lastEpoch;
    this.#baseLr = baseLr;
    this.#lastLr = lastLr;
  }
}
