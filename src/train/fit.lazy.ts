import { checkOptions } from '../device/options';
import { checkCount, checkTraining, claimForTraining } from './checks';
import type { AnyFitOptions } from './fit-options';
import { rememberModes } from './modes';
import { objectiveOf } from './objective';
import { train } from './run';
import type { Means } from './running-metrics';

/** `fit()`, which was called at `time`. */
export async function runFit(options: AnyFitOptions, time: number): Promise<Means[]> {
  checkOptions(
    'fit',
    options,
    'model optimizer loader epochs progressEvery onProgress',
    'scheduler schedulerEvery onEpoch onBatch onFirstStep signal loss metrics step',
  );
  const { model, loader, epochs, progressEvery = 10, schedulerEvery } = options;
  const start = { time, kernels: loader.device.pipelines.size };
  checkCount('epochs', epochs, 0);
  checkCount('progressEvery', progressEvery, 1);
  checkCount('schedulerEvery', schedulerEvery ?? 1, 1);
  const objective = objectiveOf('fit', model, options);
  const release = claimForTraining(model.parameters());
  try {
    const restoreModes = rememberModes(model);
    if (!model.training) model.train();
    let names;
    try {
      names = checkTraining(objective, loader);
    } catch (error) {
      restoreModes();
      throw error;
    }
    return await train(options, objective, names, start);
  } finally {
    release();
  }
}
