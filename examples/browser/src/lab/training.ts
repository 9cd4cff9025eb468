import { data, train, type nn } from 'wgrad';
import type { MnistSet } from '../../../data/mnist-set';
import { asDataset, recipe } from '../../../recipe';
import type { Assessment, LabEvent, Outcome, TrainingRequest } from '../protocol';
import { assess } from './assess';
import type { Gate } from './gate';
import { fileOf, filtersOf } from './network';

/** Looking at the network takes at most this fraction of the time, at most once in so many milliseconds. */
const LOOK_SHARE = 0.15;
const LOOK_EVERY = 1000;
/** The filters cost next to nothing. */
const FILTERS_EVERY = 500;

export interface Training {
  model: nn.Sequential;
  sets: { train: MnistSet; test: MnistSet };
  request: TrainingRequest;
  /** Test images that are read while an epoch runs. */
  sample: number;
  /** Batches between two progress events. */
  progressEvery: number;
  gate: Gate;
  signal: AbortSignal;
  emit: (event: LabEvent) => void;
}

/** Shows how the network does on held-out images, now and then. */
class Watcher {
  readonly #training: Training;
  readonly #all: data.Loader;
  readonly #sample: data.Loader;
  #next = 0;
  #nextFilters = 0;
  #seen = -1;
  step = 0;
  latest: Assessment | null = null;

  constructor(training: Training, test: data.Dataset) {
    this.#training = training;
    this.#all = data.loader(test, { batchSize: 250 });
    this.#sample = data.loader(data.subset(test, 0, Math.min(training.sample, test.count)), { batchSize: 250 });
  }

  async look(all: boolean): Promise<Assessment> {
    const { model, emit } = this.#training;
    const before = performance.now();
    const assessment = await assess(model, all ? this.#all : this.#sample);
    emit({ kind: 'look', step: this.step, assessment });
    this.latest = assessment;
    this.#seen = this.step;
    const now = performance.now();
    this.#next = now + Math.max(LOOK_EVERY, (now - before) / LOOK_SHARE);
    return assessment;
  }

  /** Between two batches: looks when it is due, or when the run is paused. */
  async between(): Promise<void> {
    const { model, gate, signal, emit } = this.#training;
    if (performance.now() >= this.#nextFilters) {
      emit({ kind: 'filters', filters: await filtersOf(model) });
      this.#nextFilters = performance.now() + FILTERS_EVERY;
    }
    const due = performance.now() >= this.#next || gate.closed;
    if (due && this.#seen !== this.step && !signal.aborted) await this.look(false);
    if (gate.closed) emit({ kind: 'paused', step: this.step });
    await gate.passed();
    this.step++;
  }

  dispose(): void {
    this.#all.dispose();
    this.#sample.dispose();
  }
}

/** Trains the network, reporting progress and what it has learnt, until it is done or stopped. */
export async function runTraining(training: Training): Promise<Outcome> {
  const { model, sets, request, progressEvery, signal, emit } = training;
  const { epochs, batchSize, lr } = request.settings;
  const loader = data.loader(asDataset(sets.train), { batchSize, shuffle: true, seed: request.seed });
  const watcher = new Watcher(training, asDataset(sets.test));
  const { optimizer, scheduler, schedulerEvery } = recipe(model, loader, lr);
  let before = { epoch: -1, count: 0, loss: 0, hits: 0 };
  const tell = ({ epoch, batch, batches, loss, accuracy, inputsPerSecond, secondsLeft }: train.Progress) => {
    const count = Math.min(batch * batchSize, sets.train.count);
    const sums = { epoch, count, loss: loss * count, hits: accuracy * count };
    if (before.epoch !== epoch) before = { epoch, count: 0, loss: 0, hits: 0 };
    const more = count - before.count;
    emit({
      kind: 'progress',
      epoch,
      epochs,
      step: epoch * batches + batch,
      steps: epochs * batches,
      loss: (sums.loss - before.loss) / more,
      accuracy: (sums.hits - before.hits) / more,
      lr: optimizer.lr,
      imagesPerSecond: inputsPerSecond,
      secondsLeft,
    });
    before = sums;
  };
  try {
    await train.fit({
      model,
      optimizer,
      loader,
      epochs,
      scheduler,
      schedulerEvery,
      progressEvery,
      onProgress: tell,
      onBatch: () => watcher.between(),
      onEpoch: async (epoch) => {
        const { accuracy } = await watcher.look(!signal.aborted);
        emit({ kind: 'epoch', epoch, epochs, accuracy, weights: await fileOf(model) });
      },
      signal,
    });
    const { accuracy, count } = watcher.latest ?? (await watcher.look(false));
    return { finished: !signal.aborted, accuracy, count };
  } finally {
    watcher.dispose();
    loader.dispose();
    model.eval();
  }
}
