import { checkOptions } from '../device/options';
import { capture, type CapturedStep } from '../capture/capture';
import { tune } from '../tune/tune';
import type { Loader } from '../data/loader';
import { crossEntropy, type Module } from '../nn';
import type { Optimizer } from '../optim';
import type { Tensor } from '../tensor/tensor';
import { checkCount, checkTraining, claimForTraining } from './checks';
import { rememberModes } from './modes';
import { RunningMetrics, type Summary } from './running-metrics';

/** Where a training run stands; `loss` and `accuracy` are means over the epoch so far. */
export interface Progress extends Summary {
  /** Counted from 0. */
  readonly epoch: number;
  /** Batches done in this epoch. */
  readonly batch: number;
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
export interface FitOptions {
  model: Module;
  optimizer: Optimizer;
  loader: Loader;
  epochs: number;
  /** Batches between two calls of `onProgress`, each of which waits for the GPU; default 10. */
  progressEvery?: number;
  /** Called every `progressEvery` batches and after the last batch of an epoch. */
  onProgress?: (progress: Progress) => void;
  /** A plateau scheduler, stepped with the mean training loss since its last step. */
  scheduler?: {
    /** Takes a mean training loss. */
    step(loss: number): void;
  };
  /** Batches between two steps of the scheduler; default: an epoch. It is stepped at the end of each epoch in any case. */
  schedulerEvery?: number;
  /** Called after each epoch: evaluate, step a scheduler that needs no loss, save. */
  onEpoch?: (epoch: number, summary: Summary) => void | Promise<void>;
  /** Awaited before each batch, and left out of the speed: to pause, or to look at the network as it learns. */
  onBatch?: () => void | Promise<void>;
  /** Called after the first step, for which the kernels are compiled. */
  onFirstStep?: (first: FirstStep) => void;
  /** Stops after the current batch. */
  signal?: AbortSignal;
}

/** Forward, backward and update as one captured step. */
function trainingStep(
  model: Module,
  optimizer: Optimizer,
  metrics: RunningMetrics,
): CapturedStep<[Tensor, Tensor], void> {
  const parameters = model.parameters();
  return capture((inputs: Tensor, labels: Tensor) => {
    const logits = model.forward(inputs);
    const loss = crossEntropy(logits, labels);
    metrics.add(loss, logits, labels);
    loss.backward();
    optimizer.step();
    // Those of parameters that the optimizer does not have would add up.
    for (const parameter of parameters) if (!parameter.gradState.used) dropGradient(parameter);
  });
}

function dropGradient(parameter: Tensor): void {
  parameter.grad?.dispose();
  parameter.grad = null;
}

/**
 * Trains a classifier with cross-entropy: forward, backward and step for each batch of each epoch, captured once and
 * replayed. Gradients that parameters have when it begins are dropped; parameters that the optimizer does not have stay as they
 * are. With `WGRAD_TUNE=force` the kernels are tuned before the first step (see `tune()`), and before that of a last batch of
 * another size.
 *
 * Modes: a model in evaluation mode is switched to training as a whole. In a model in training mode each module's own mode is
 * left as it is, so that a frozen BatchNorm stays frozen. Where a callback leaves the model in evaluation mode, each module has
 * the mode of the beginning again before the next step.
 *
 * Throws before the first step, with nothing changed: `TypeError` for real-valued targets, `RangeError` for a label outside the
 * model's outputs, a loader without batches or a count that is none, `ShapeError` when the outputs are not `[N, C]` or the last
 * batch has one example and the model cannot be trained with one, `ModelInUseError` while another `fit()` trains a parameter
 * of the model.
 */
export async function fit(options: FitOptions): Promise<Summary[]> {
  checkOptions(
    'fit',
    options,
    'model optimizer loader epochs progressEvery onProgress',
    'scheduler schedulerEvery onEpoch onBatch onFirstStep signal',
  );
  const { model, loader, epochs, progressEvery = 10, schedulerEvery } = options;
  const start = { time: performance.now(), kernels: loader.device.pipelines.size };
  checkCount('epochs', epochs, 0);
  checkCount('progressEvery', progressEvery, 1);
  checkCount('schedulerEvery', schedulerEvery ?? 1, 1);
  const release = claimForTraining(model.parameters());
  try {
    const restoreModes = rememberModes(model);
    if (!model.training) model.train();
    try {
      checkTraining(model, loader);
    } catch (error) {
      restoreModes();
      throw error;
    }
    return await train(options, start);
  } finally {
    release();
  }
}

/** The loop of `fit()`, which began at `start`, when the device had so many kernels. */
async function train(options: FitOptions, start: { time: number; kernels: number }): Promise<Summary[]> {
  const { model, optimizer, loader, epochs, progressEvery = 10, onProgress, onEpoch, onBatch, signal } = options;
  const { scheduler, schedulerEvery = loader.length, onFirstStep } = options;
  const { device } = loader;
  const tuned = new Set<number>();
  const history: Summary[] = [];
  let paused = 0;
  const aside = async (work: () => void | Promise<void>) => {
    const before = performance.now();
    await work();
    paused += performance.now() - before;
  };
  let done = 0;
  const metrics = new RunningMetrics(device);
  const restoreModes = rememberModes(model);
  const step = trainingStep(model, optimizer, metrics);
  optimizer.zeroGrad();
  model.zeroGrad();
  try {
    for (let epoch = 0; epoch < epochs && !signal?.aborted; epoch++) {
      metrics.reset();
      let batch = 0;
      for await (const [inputs, labels] of loader) {
        if (onBatch) await aside(onBatch);
        if (signal?.aborted) break;
        if (!model.training) restoreModes();
        if (device.tuneMode === 'force' && !tuned.has(labels.size)) {
          tuned.add(labels.size);
          await aside(async () => {
            await tune(
              () => {
                step(inputs, labels);
              },
              { device },
            );
          });
        }
        step(inputs, labels);
        if (onFirstStep && done === 0) {
          await device.stream.finish();
          const seconds = (performance.now() - start.time - paused) / 1000;
          onFirstStep({ seconds, kernels: device.pipelines.size - start.kernels });
        }
        metrics.count(labels.size);
        batch++;
        done += labels.size;
        if (scheduler && (batch % schedulerEvery === 0 || batch === loader.length)) {
          scheduler.step(await metrics.recentLoss());
        }
        if (onProgress && (batch % progressEvery === 0 || batch === loader.length)) {
          const summary = await metrics.read();
          const inputsPerSecond = (1000 * done) / (performance.now() - start.time - paused);
          const left = (epochs - epoch) * loader.length - batch;
          onProgress({
            ...summary,
            epoch,
            batch,
            batches: loader.length,
            inputsPerSecond,
            secondsLeft: (left * loader.batchSize) / inputsPerSecond,
          });
        }
      }
      if (batch === 0) break;
      const summary = await metrics.read();
      history.push(summary);
      await aside(() => onEpoch?.(epoch, summary));
    }
  } finally {
    step.dispose();
    metrics.dispose();
  }
  return history;
}
