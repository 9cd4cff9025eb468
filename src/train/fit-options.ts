import type { AnyDataset, Batch, Loader, Tensors } from '../data';
import type { AnyModule, Module } from '../nn';
import type { Optimizer } from '../optim';
import type { AnyObjective, LossObjective, NamesIn, OneInput, StepObjective, StepResult } from './objective';
import type { LossSummary, Means, Summary } from './running-metrics';

/** Where a training run stands; `loss`, `accuracy` and `metrics` are means over the epoch so far. */
export type Progress<S = Summary> = S & Position;

/** Where a training run stands. */
export interface Position {
  /** Counted from 0. */
  readonly epoch: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  /** Batches in this epoch; Infinity until the end of a stream is known. */
  readonly batches: number;
  readonly inputsPerSecond: number;
  /** Seconds until the last epoch ends, at the speed so far. */
  readonly secondsLeft: number;
}

/** How long the first step took. */
export interface FirstStep {
  /** From the call of `fit` until the GPU had finished it, less what was measured to tune. */
  readonly seconds: number;
  /** Kernels that were compiled for it. */
  readonly kernels: number;
}

/** Options of `fit()`. */
export interface FitOptions<S = Summary, B extends Tensors = Batch, M extends AnyModule = Module> {
  model: M;
  optimizer: Optimizer;
  loader: Loader<B, AnyDataset>;
  epochs: number;
  /** Batches between two calls of `onProgress`, each of which waits for the GPU; default 10. */
  progressEvery?: number;
  /** Called every `progressEvery` batches and after the last batch of an epoch. */
  onProgress?: (progress: Progress<S>) => void;
  /** A plateau scheduler, stepped with the mean training loss since its last step. */
  scheduler?: {
    /** Takes a mean training loss. */
    step(loss: number): void;
  };
  /**
   * Batches between two steps of the scheduler; default: an epoch. It is stepped at the end of each epoch in any case.
   */
  schedulerEvery?: number;
  /** Called after each epoch: evaluate, step a scheduler that needs no loss, save. */
  onEpoch?: (epoch: number, summary: S) => void | Promise<void>;
  /** Awaited before each batch, and left out of the speed: to pause, or to look at the network as it learns. */
  onBatch?: () => void | Promise<void>;
  /** Called after the first step, for which the kernels are compiled. */
  onFirstStep?: (first: FirstStep) => void;
  /** Stops after the current batch. */
  signal?: AbortSignal;
}

/** Options of `fit()` with a loss of one's own. */
export interface LossFitOptions<M extends OneInput, B extends Tensors, Names extends string = never>
  extends FitOptions<LossSummary<Names>, B, M>, LossObjective<M, B, Names> {}

/** Options of `fit()` with a loss of one's own for models with several inputs or outputs. */
export interface StepFitOptions<B extends Tensors, R extends StepResult>
  extends FitOptions<LossSummary<NamesIn<R>>, B, AnyModule>, StepObjective<B, R> {}

/** The options of all three. */
export type AnyFitOptions = FitOptions<Means, Tensors> & AnyObjective;
