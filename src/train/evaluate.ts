import type { AnyDataset, Batch, Loader, Tensors } from '../data';
import type { AnyModule, Module } from '../nn';
import type { AnyLoader } from './checks';
import type { AnyObjective, LossObjective, NamesIn, OneInput, StepObjective, StepResult } from './objective';
import type { LossSummary, Summary } from './running-metrics';

/** What `evaluate()` has counted. */
export interface Evaluation extends Summary {
  /** Number of inputs of class row that were predicted as class column, `[classes · classes]`, row by row. */
  readonly confusion: Int32Array;
  readonly classes: number;
}

/**
 * Runs a classifier in evaluation mode over all of `loader`, in the dataset's own order. Each module has its own mode
 * again between two batches and afterwards, and the loader's epochs go on as if it had not been used: a training loop
 * can go on meanwhile, over the same loader too. Throws `TypeError` for real-valued targets, `RangeError` for a label
 * outside the classes or a loader without batches, `ShapeError` when the model's outputs are not `[N, classes]`.
 */
export function evaluate(model: Module, loader: Loader<Batch, AnyDataset>, classes: number): Promise<Evaluation>;
/**
 * The means of a loss and of metrics of one's own, as those of `fit()`, over all of `loader`, in evaluation mode and
 * otherwise as of a classifier. Throws as `fit()` does for what they return.
 */
export function evaluate<M extends OneInput, B extends Tensors, Names extends string = never>(
  model: M,
  loader: Loader<B, AnyDataset>,
  objective: LossObjective<M, B, Names>,
): Promise<LossSummary<Names>>;
export function evaluate<B extends Tensors, R extends StepResult>(
  model: AnyModule,
  loader: Loader<B, AnyDataset>,
  objective: StepObjective<B, R>,
): Promise<LossSummary<NamesIn<R>>>;
export async function evaluate(model: AnyModule, loader: AnyLoader, how: number | AnyObjective): Promise<unknown> {
  const { runEvaluate } = await import('./evaluate.lazy');
  return runEvaluate(model as Module, loader, how);
}
