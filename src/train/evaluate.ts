import { noGrad } from '../autograd/mode';
import { checkLabels } from '../data/labelled';
import type { Loader } from '../data/loader';
import { confusionMatrix } from '../metrics';
import { crossEntropy, type Module } from '../nn';
import { zeros } from '../tensor/create';
import { tidy } from '../tensor/scope';
import { checkBatches } from './checks';
import { inEvaluation } from './modes';
import { RunningMetrics, type Summary } from './running-metrics';

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
export async function evaluate(model: Module, loader: Loader, classes: number): Promise<Evaluation> {
  checkBatches('evaluate', loader);
  checkLabels('evaluate', loader.dataset.labels, classes, `there are ${classes} classes`);
  const metrics = new RunningMetrics(loader.device);
  const confusion = zeros([classes, classes], { device: loader.device, dtype: 'int32' });
  try {
    for await (const [inputs, labels] of loader.inOrder()) {
      tidy(() => {
        noGrad(() => {
          const logits = inEvaluation(model, () => model.forward(inputs));
          metrics.add(crossEntropy(logits, labels), logits, labels);
          metrics.count(labels.size);
          confusionMatrix(logits, labels, classes, confusion);
        });
      });
    }
    const [summary, counts] = await Promise.all([metrics.read(), confusion.data()]);
    return { ...summary, confusion: Int32Array.from(counts), classes };
  } finally {
    metrics.dispose();
    confusion.dispose();
  }
}
