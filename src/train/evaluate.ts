import { noGrad } from '../autograd/mode';
import type { AnyDataset, Batch, Loader, Tensors } from '../data';
import { checkLabels } from '../data/labelled';
import { checkOptions } from '../device/options';
import { confusionMatrix } from '../metrics';
import type { Module } from '../nn';
import { zeros } from '../tensor/create';
import { tidy } from '../tensor/scope';
import { checkBatches, type AnyLoader } from './checks';
import { inEvaluation } from './modes';
import {
  objectiveOf,
  type AnyObjective,
  type LossObjective,
  type NamesIn,
  type Objective,
  type Outcome,
  type StepObjective,
  type StepResult,
} from './objective';
import { examplesIn } from './run';
import { RunningMetrics, type LossSummary, type Means, type Summary } from './running-metrics';

/** What `evaluate()` has counted. */
export interface Evaluation extends Summary {
  /** Number of inputs of class row that were predicted as class column, `[classes · classes]`, row by row. */
  readonly confusion: Int32Array;
  readonly classes: number;
}

/**
 * Runs a classifier in evaluation mode over all of `loader`, in the dataset's own order. Each module has its own mode again
 * between two batches and afterwards, and the loader's epochs go on as if it had not been used: a training loop can go on
 * meanwhile, over the same loader too.
 * Throws `TypeError` for real-valued targets, `RangeError` for a label outside the classes or a loader without batches,
 * `ShapeError` when the model's outputs are not `[N, classes]`.
 */
export function evaluate(model: Module, loader: Loader<Batch, AnyDataset>, classes: number): Promise<Evaluation>;
/**
 * The means of a loss and of metrics of one's own, as those of `fit()`, over all of `loader`, in evaluation mode and otherwise as of a
 * classifier. Throws as `fit()` does for what they return.
 */
export function evaluate<M extends Module, B extends Tensors, Names extends string = never>(
  model: M,
  loader: Loader<B, AnyDataset>,
  objective: LossObjective<M, B, Names>,
): Promise<LossSummary<Names>>;
export function evaluate<B extends Tensors, R extends StepResult>(
  model: Module,
  loader: Loader<B, AnyDataset>,
  objective: StepObjective<B, R>,
): Promise<LossSummary<NamesIn<R>>>;
export async function evaluate(model: Module, loader: AnyLoader, how: number | AnyObjective): Promise<unknown> {
  checkBatches('evaluate', loader);
  if (typeof how !== 'number') return means(model, loader, how);
  const { dataset, layout, device } = loader;
  if (layout && 'labels' in dataset) checkLabels('evaluate', dataset.labels, how, `there are ${how} classes`);
  const confusion = zeros([how, how], { device, dtype: 'int32' });
  try {
    const summary = await measured(model, loader, objectiveOf('evaluate', model, {}), ({ hits }) => {
      if (hits) confusionMatrix(...hits, how, confusion);
    });
    return { ...summary, confusion: Int32Array.from(await confusion.data()), classes: how };
  } finally {
    confusion.dispose();
  }
}

function means(model: Module, loader: AnyLoader, options: AnyObjective): Promise<Means> {
  checkOptions('evaluate', options, 'loss metrics step');
  if (options.loss === undefined && options.step === undefined)
    throw new TypeError('evaluate: expected a number of classes, a loss or a step, got none of them');
  return measured(model, loader, objectiveOf('evaluate', model, options));
}

/** The means of `objective`; `and` is called with what it gives of each batch. */
async function measured(
  model: Module,
  loader: AnyLoader,
  objective: Objective,
  and?: (outcome: Outcome) => void,
): Promise<Means> {
  let metrics: RunningMetrics | null = null;
  try {
    for await (const batch of loader.inOrder()) {
      metrics = tidy(() =>
        noGrad(() => {
          const outcome = inEvaluation(model, () => objective.run(batch));
          const names = objective.classifier ? null : Object.keys(outcome.metrics);
          const into = metrics ?? new RunningMetrics('evaluate', loader.device, names);
          into.add(outcome, examplesIn(batch));
          into.count(examplesIn(batch));
          and?.(outcome);
          return into;
        }),
      );
    }
    if (!metrics) throw new RangeError('evaluate: expected at least 1 batch, got none');
    return await metrics.read();
  } finally {
    metrics?.dispose();
  }
}
