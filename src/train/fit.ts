import { capture, type CapturedStep } from '../capture/capture';
import { tune } from '../tune/tune';
import type { Loader } from '../data/loader';
import { crossEntropy, type Module } from '../nn';
import type { Optimizer } from '../optim';
import type { Tensor } from '../tensor/tensor';
import { Totals, type Summary } from './totals';

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

export interface FitOptions {
  model: Module;
  optimizer: Optimizer;
  loader: Loader;
  epochs: number;
  /** Batches between two calls of `onProgress`, each of which waits for the GPU; default 10. */
  progressEvery?: number;
  onProgress?: (progress: Progress) => void;
  /** A plateau schedule, stepped with the mean training loss since its last step. */
  annealer?: { step(loss: number): void };
  /** Batches between two steps of the annealer; default: an epoch. It is stepped at the end of each epoch in any case. */
  annealEvery?: number;
  /** Called after each epoch, in training mode: evaluate, step a scheduler, save. */
  onEpoch?: (epoch: number, summary: Summary) => void | Promise<void>;
  /** Awaited before each batch, and left out of the speed: to pause, or to look at the network as it learns. */
  onBatch?: () => void | Promise<void>;
  /** Called after the first step, for which the kernels are compiled. */
  onFirstStep?: (first: FirstStep) => void;
  /** Stops after the batch at hand. */
  signal?: AbortSignal;
}

/** Forward, backward and update as one captured step. */
function trainingStep(model: Module, optimizer: Optimizer, totals: Totals): CapturedStep<[Tensor, Tensor], void> {
  return capture((inputs: Tensor, labels: Tensor) => {
    const logits = model.forward(inputs);
    const loss = crossEntropy(logits, labels);
    totals.add(loss, logits, labels);
    loss.backward();
    optimizer.step();
  });
}

/**
 * Trains a classifier with cross-entropy: forward, backward and step for each batch of each epoch, captured once and
 * replayed. Gradients that parameters have when it begins are dropped. With `WGRAD_TUNE=force` the kernels are tuned before the
 * first step (see `tune()`), and before that of a last batch of another size.
 */
export async function fit(options: FitOptions): Promise<Summary[]> {
  const { model, optimizer, loader, epochs, progressEvery = 10, onProgress, onEpoch, onBatch, signal } = options;
  const { annealer, annealEvery = loader.length, onFirstStep } = options;
  const { device } = loader;
  const compiled = device.pipelines.size;
  const tuned = new Set<number>();
  const history: Summary[] = [];
  const start = performance.now();
  let paused = 0;
  const aside = async (work: () => void | Promise<void>) => {
    const before = performance.now();
    await work();
    paused += performance.now() - before;
  };
  let done = 0;
  const totals = new Totals(device);
  const step = trainingStep(model, optimizer, totals);
  optimizer.zeroGrad();
  try {
    for (let epoch = 0; epoch < epochs && !signal?.aborted; epoch++) {
      model.train();
      totals.reset();
      let batch = 0;
      for await (const [inputs, labels] of loader) {
        if (onBatch) await aside(onBatch);
        if (signal?.aborted) break;
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
          const seconds = (performance.now() - start - paused) / 1000;
          onFirstStep({ seconds, kernels: device.pipelines.size - compiled });
        }
        totals.count(labels.size);
        batch++;
        done += labels.size;
        if (annealer && (batch % annealEvery === 0 || batch === loader.length)) {
          annealer.step(await totals.lossSince());
        }
        if (onProgress && (batch % progressEvery === 0 || batch === loader.length)) {
          const summary = await totals.read();
          const inputsPerSecond = (1000 * done) / (performance.now() - start - paused);
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
      const summary = await totals.read();
      history.push(summary);
      await aside(() => onEpoch?.(epoch, summary));
    }
  } finally {
    step.dispose();
    totals.dispose();
  }
  return history;
}
