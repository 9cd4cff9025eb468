import { capture, type CapturedStep } from '../capture/capture';
import type { Tensors } from '../data';
import { tune } from '../tune/tune';
import type { Tensor } from '../tensor/tensor';
import { rehearse } from './checks';
import type { AnyFitOptions } from './fit-options';
import { rememberModes } from './modes';
import type { Objective } from './objective';
import { RunningMetrics, type Means } from './running-metrics';

/** Examples in a batch. */
export const examplesIn = ([first]: Tensors): number => first.shape.at(0) ?? 1;

/** Forward, backward and update as one captured step. */
function trainingStep(
  { model, optimizer }: AnyFitOptions,
  objective: Objective,
  metrics: RunningMetrics,
): CapturedStep<Tensors, void> {
  const parameters = model.parameters();
  return capture((...batch: Tensors) => {
    const outcome = objective.run(batch);
    metrics.add(outcome, examplesIn(batch));
    outcome.loss.backward();
    optimizer.step();
    // Those of parameters that the optimizer does not have would add up.
    for (const parameter of parameters) if (!parameter.gradState.used) dropGradient(parameter);
  });
}

function dropGradient(parameter: Tensor): void {
  parameter.grad?.dispose();
  parameter.grad = null;
}

/** Where and when `fit()` began. */
export interface Start {
  readonly time: number;
  /** Kernels that the device had. */
  readonly kernels: number;
}

/** The loop of `fit()`; `names`: what `checkTraining()` found. */
export async function train(
  options: AnyFitOptions,
  objective: Objective,
  names: string[] | null | undefined,
  start: Start,
): Promise<Means[]> {
  const { model, optimizer, loader, epochs, progressEvery = 10, onProgress, onEpoch, onBatch, signal } = options;
  const { scheduler, schedulerEvery = loader.length, onFirstStep } = options;
  const { device } = loader;
  const tuned = new Set<string>();
  const history: Means[] = [];
  let paused = 0;
  const aside = async (work: () => void | Promise<void>) => {
    const before = performance.now();
    await work();
    paused += performance.now() - before;
  };
  /** Examples and batches of all epochs. */
  const done = { examples: 0, batches: 0 };
  const restoreModes = rememberModes(model);
  const prepare = (known: string[] | null) => {
    const metrics = new RunningMetrics('fit', device, known);
    return { metrics, step: trainingStep(options, objective, metrics) };
  };
  let prepared = names === undefined ? null : prepare(names);
  optimizer.zeroGrad();
  model.zeroGrad();

  const report = async (metrics: RunningMetrics, epoch: number, batch: number, batches: number) => {
    const summary = await metrics.read();
    const inputsPerSecond = (1000 * done.examples) / (performance.now() - start.time - paused);
    const left = (epochs - epoch) * batches - batch;
    const secondsLeft = left === 0 ? 0 : (left * done.examples) / done.batches / inputsPerSecond;
    onProgress?.({ ...summary, epoch, batch, batches, inputsPerSecond, secondsLeft });
  };

  try {
    for (let epoch = 0; epoch < epochs && !signal?.aborted; epoch++) {
      prepared?.metrics.reset();
      let batch = 0;
      for await (const tensors of loader) {
        if (onBatch) await aside(onBatch);
        if (signal?.aborted) break;
        if (!model.training) restoreModes();
        prepared ??= prepare(rehearse('fit', objective, loader, () => tensors));
        const { metrics, step } = prepared;
        const shapes = tensors.map(({ shape }) => shape.join('x')).join();
        if (device.tuneMode === 'force' && !tuned.has(shapes)) {
          tuned.add(shapes);
          await aside(async () => {
            await tune(
              () => {
                step(...tensors);
              },
              { device },
            );
          });
        }
        step(...tensors);
        if (onFirstStep && done.batches === 0) {
          await device.stream.finish();
          const seconds = (performance.now() - start.time - paused) / 1000;
          onFirstStep({ seconds, kernels: device.pipelines.size - start.kernels });
        }
        metrics.count(examplesIn(tensors));
        done.examples += examplesIn(tensors);
        done.batches++;
        batch++;
        const last = batch === loader.length;
        if (scheduler && (batch % schedulerEvery === 0 || last)) scheduler.step(await metrics.recentLoss());
        if (onProgress && (batch % progressEvery === 0 || last)) await report(metrics, epoch, batch, loader.length);
      }
      if (signal?.aborted && batch === 0) break;
      if (batch === 0 || !prepared) throw new RangeError(`fit: expected at least 1 batch in epoch ${epoch}, got none`);
      const { metrics } = prepared;
      if (loader.length === Infinity && !signal?.aborted) {
        // Only now it is known which batch was the last one.
        if (scheduler && batch % schedulerEvery !== 0) scheduler.step(await metrics.recentLoss());
        if (onProgress) await report(metrics, epoch, batch, batch);
      }
      const summary = await metrics.read();
      history.push(summary);
      await aside(() => onEpoch?.(epoch, summary));
    }
  } finally {
    prepared?.step.dispose();
    prepared?.metrics.dispose();
  }
  return history;
}
