import type { Tensors } from '../data';
import type { AnyFitOptions, FitOptions, LossFitOptions, StepFitOptions } from './fit-options';
import type { NamesIn, OneInput, StepResult } from './objective';
import type { LossSummary, Summary } from './running-metrics';

/**
 * Trains a model: forward, backward and step for each batch of each epoch, captured once and replayed. Without a `loss`
 * the model is a classifier, its outputs are logits `[N, C]`, a batch is inputs and labels `[N]`, and the loss is
 * cross-entropy. With `loss: (output, ...targets) => Tensor` it is what that makes of `model.forward(first tensor of
 * the batch)` and the batch's other tensors; with `step: (...batch) => Tensor` what that makes of them all. A loss is a
 * mean over the batch, `[]`; batches of fewer examples count less in the means of an epoch. `metrics` beside a `loss`,
 * and what a `step` returns beside its loss, are averaged likewise.
 *
 * Gradients that parameters have when it begins are dropped; parameters that the optimizer does not have stay as they
 * are. With `WGRAD_TUNE=force` the kernels are tuned before the first step (see `tune()`), and before that of a batch
 * of another size.
 *
 * Modes: a model in evaluation mode is switched to training as a whole. In a model in training mode each module's own
 * mode is left as it is, so that a frozen BatchNorm stays frozen. Where a callback leaves the model in evaluation mode,
 * each module has the mode of the beginning again before the next step.
 *
 * Throws before the first step, with no weight changed: `TypeError` for real-valued targets of a classifier, a `loss`,
 * `step` or metric that is no function or gives no float32 tensor, `RangeError` for a label outside the model's
 * outputs, a loader without batches or a count that is none, `ShapeError` when a loss or metric is not `[]`, a
 * classifier's outputs are not `[N, C]` or the last batch has one example and the model cannot be trained with one,
 * `ModelInUseError` while another `fit()` trains a parameter of the model.
 */
export function fit<M extends OneInput, B extends Tensors, Names extends string = never>(
  options: LossFitOptions<M, B, Names>,
): Promise<LossSummary<Names>[]>;
export function fit<B extends Tensors, R extends StepResult>(
  options: StepFitOptions<B, R>,
): Promise<LossSummary<NamesIn<R>>[]>;
export function fit(options: FitOptions): Promise<Summary[]>;
export async function fit(options: unknown): Promise<unknown> {
  const time = performance.now();
  const { runFit } = await import('./fit.lazy');
  return runFit(options as AnyFitOptions, time);
}
