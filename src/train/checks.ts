import { checkLabels } from '../data/labelled';
import type { Loader } from '../data/loader';
import type { Module } from '../nn';
import { tidy } from '../tensor/scope';
import { formatShape, ShapeError, type Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';

/** A model is being trained by another `fit()` that has not ended. */
export class ModelInUseError extends Error {
  override readonly name = 'ModelInUseError';
}

const inTraining = new WeakSet<Tensor>();

/**
 * Marks parameters as being trained; the function that it returns ends that. Throws `ModelInUseError` when one of them is being
 * trained already: two loops would each go on from the other's weights.
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
export function checkBatches(op: string, { length, batchSize, dataset: { count } }: Loader): void {
  if (length > 0) return;
  throw new RangeError(`${op}: the loader has no batches: dropLast with ${count} examples and batchSize ${batchSize}`);
}

/** Throws `RangeError` unless `value` is an integer of at least `least`. */
export function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`fit: expected ${name} to be an integer >= ${least}, got ${String(value)}`);
}

/** The shape of what `model` makes of a batch of `count` inputs; nothing is computed. */
function outputShape(model: Module, { device, dataset }: Loader, count: number): Shape {
  let shape: Shape = [];
  device.rehearse(() => {
    tidy(() => {
      shape = model.forward(Tensor.empty([count, ...dataset.shape], 'float32', device, 'fit')).shape;
    });
  });
  return shape;
}

/**
 * Finds before the first step what would otherwise make every weight NaN, or fail in the last batch of an epoch. Throws
 * `TypeError` for real-valued targets, `RangeError` for a label outside the model's outputs, `ShapeError` when these are not
 * `[N, C]`, or the last batch has one example and the model (with BatchNorm) cannot be trained with one.
 */
export function checkTraining(model: Module, loader: Loader): void {
  const { batchSize, length, dataset } = loader;
  checkBatches('fit', loader);
  const first = Math.min(batchSize, dataset.count);
  const shape = outputShape(model, loader, first);
  if (shape.length !== 2 || shape[0] !== first) {
    throw new ShapeError(`fit: expected model outputs [${first}, C], got ${formatShape(shape)}`);
  }
  checkLabels('fit', dataset.labels, shape[1], `the model has ${shape[1]} outputs`);
  const last = dataset.count - (length - 1) * batchSize;
  if (last !== 1 || length === 1) return;
  try {
    outputShape(model, loader, last);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ShapeError(
      `fit: the last batch has 1 example (${dataset.count} in batches of ${batchSize}), with which the model cannot be trained: ` +
        `${why}; leave it out by the loader's option dropLast: true`,
      { cause },
    );
  }
}
