import { noGrad } from '../autograd/mode';
import { checkLabels } from '../data/labelled';
import { checkOptions } from '../device/options';
import { confusionMatrix } from '../metrics';
import type { Module } from '../nn';
import { zeros } from '../tensor/create/create';
import { tidy } from '../tensor/scope';
import { checkBatches, type AnyLoader } from './checks';
import { inEvaluation } from './modes';
import { objectiveOf, type AnyObjective, type Objective, type Outcome } from './objective';
import { examplesIn } from './run';
import { RunningMetrics, type Means } from './running-metrics';

/** `evaluate()`. */
export async function runEvaluate(model: Module, loader: AnyLoader, how: number | AnyObjective): Promise<unknown> {
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
