import { checkLabels } from '../data/labelled';
import type { AnyDataset, Loader, Tensors } from '../data';
import { tidy } from '../tensor/scope';
import { formatShape, ShapeError } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { ModelInUseError } from './model-in-use-error';
import type { Objective } from './objective';

/** A loader of any dataset. */
export type AnyLoader = Loader<Tensors, AnyDataset>;

const inTraining = new WeakSet<Tensor>();

/**
 * Marks parameters as being trained; the function that it returns ends that. Throws `ModelInUseError` when one of them
 * is being trained already: two loops would each go on from the other's weights.
 */
export function claimForTraining(parameters: readonly Tensor[]): () => void {
  if (parameters.some((parameter) => inTraining.has(parameter))) {
    throw new ModelInUseError(
      'fit: the model is being trained by another fit() that has not ended; await that one first',
    );
  }
  for (const parameter of parameters) inTraining.add(parameter);
  return () => {
    for (const parameter of parameters) inTraining.delete(parameter);
  };
}

/** Throws `RangeError` for a loader without batches. */
export function checkBatches(op: string, { length, batchSize, dataset }: AnyLoader): void {
  if (length > 0 || !('count' in dataset)) return;
  const { count } = dataset;
  throw new RangeError(`${op}: the loader has no batches: dropLast with ${count} examples and batchSize ${batchSize}`);
}

/** Throws `RangeError` unless `value` is an integer of at least `least`. */
export function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`fit: expected ${name} to be an integer >= ${least}, got ${String(value)}`);
}

/**
 * Runs an objective on a batch that `batch` makes, of a classifier the model alone; nothing is computed. Returns the
 * names of the metrics, null for a classifier. Throws what the objective throws, and `ShapeError` when a classifier's
 * outputs are not `[N, C]`.
 */
export function rehearse(
  op: string,
  objective: Objective,
  { device, dataset, layout }: AnyLoader,
  batch: () => Tensors,
): string[] | null {
  let names: string[] | null = null;
  device.rehearse(() => {
    tidy(() => {
      const tensors = batch();
      if (!objective.classifier) {
        names = Object.keys(objective.run(tensors).metrics);
        return;
      }
      const count = tensors[0].shape[0];
      const { shape } = objective.classifier.forward(tensors[0] as Tensor);
      if (shape.length !== 2 || shape[0] !== count)
        throw new ShapeError(`${op}: expected model outputs [${count}, C], got ${formatShape(shape)}`);
      if (layout && 'labels' in dataset) checkLabels(op, dataset.labels, shape[1], `the model has ${shape[1]} outputs`);
    });
  });
  return names;
}

/**
 * Finds before the first step what would otherwise make every weight NaN, or fail in the last batch of an epoch, as far
 * as it can be known from the dataset; the result is that of `rehearse()`, undefined where that needs a batch. Throws
 * `TypeError` for real-valued targets of a classifier, `RangeError` for a label outside the model's outputs,
 * `ShapeError` when these are not `[N, C]`, or the last batch has one example and the model (with BatchNorm) cannot be
 * trained with one, and what a loss throws.
 */
export function checkTraining(objective: Objective, loader: AnyLoader): string[] | null | undefined {
  const { batchSize, length, dataset, layout, device } = loader;
  checkBatches('fit', loader);
  if (!layout || !('count' in dataset)) return undefined;
  const batchOf = (count: number) => () =>
    layout.map(({ shape, dtype }) => Tensor.empty([count, ...shape], dtype, device, 'fit'));
  const names = rehearse('fit', objective, loader, batchOf(Math.min(batchSize, dataset.count)));
  const last = dataset.count - (length - 1) * batchSize;
  if (last !== 1 || length === 1) return names;
  try {
    rehearse('fit', objective, loader, batchOf(last));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ShapeError(
      `fit: the last batch has 1 example (${dataset.count} in batches of ${batchSize}), with which the model ` +
        `cannot be trained: ${why}; leave it out by the loader's option dropLast: true`,
      { cause },
    );
  }
  return names;
}
