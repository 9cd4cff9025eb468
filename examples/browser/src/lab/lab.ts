import { open, type Device, type nn } from 'wgrad';
import readyUrl from '../../model/mnist-cnn.safetensors?url';
import type { MnistSet } from '../../../data/mnist-set';
import { SMALL_TRAIN, splitSet } from '../../../data/mnist-split';
import { mnistModel } from '../../../model';
import { defaultSettings } from '../../../settings';
import type { DataChoice, LabApi, LabEvent, ModelName, Opened, Outcome, TrainingRequest } from '../protocol';
import { fetchDigits } from './digits';
import { fetchBytes } from './fetch-bytes';
import { fetchFullMnist } from './full-mnist';
import { Gate } from './gate';
import { classify, fileOf, filtersOf, networkFrom } from './network';
import { runTraining } from './training';
import { readUserFiles } from './user-files';

/** What is open; all of it is lost with its device. */
interface Bench {
  device: Device;
  digits: MnistSet;
  models: Record<ModelName, nn.Sequential | null>;
}

/** One training run at a time; meanwhile it predicts, loads and saves. */
export class Lab implements LabApi {
  #bench: Bench | null = null;
  #emit: (event: LabEvent) => void = () => undefined;
  #run: { gate: Gate; stop: AbortController } | null = null;

  /** For the browser's console: `lab.device.destroy()` shows what a lost device looks like. */
  get device(): Device {
    return this.#open.device;
  }

  get #open(): Bench {
    if (!this.#bench) throw new Error('no device is open');
    return this.#bench;
  }

  async open(listener: (event: LabEvent) => void): Promise<Opened> {
    this.#emit = listener;
    const device = await open({ powerPreference: 'high-performance' });
    void device.lost.then(({ reason, message }) => {
      listener({ kind: 'lost', reason, message });
    });
    const [digits, ready] = await Promise.all([fetchDigits(), fetchBytes(readyUrl)]);
    const model = networkFrom(ready, 'the ready network', device);
    this.#bench = { device, digits, models: { ready: model, own: null } };
    listener({ kind: 'filters', filters: await filtersOf(model) });
    return { adapter: { ...device.info }, defaults: defaultSettings(device.info) };
  }

  async #sets(choice: DataChoice, seed: number, stopped: AbortSignal) {
    if (choice.kind === 'files') return readUserFiles(choice.files, seed);
    if (choice.kind === 'full') {
      return fetchFullMnist((file, received, total) => {
        this.#emit({ kind: 'download', file, received, total });
      }, stopped);
    }
    return { ...splitSet(this.#open.digits, SMALL_TRAIN, seed), source: 'the built-in digits' };
  }

  async train(request: TrainingRequest): Promise<Outcome> {
    const { device, models } = this.#open;
    if (this.#run) throw new Error('a training run is in progress');
    const run = { gate: new Gate(), stop: new AbortController() };
    this.#run = run;
    try {
      const { source, ...sets } = await this.#sets(request.data, request.seed, run.stop.signal);
      this.#emit({ kind: 'data', source, train: sets.train.count, test: sets.test.count });
      // As in a program that has just opened its device: the same seed gives the same network there and here.
      Object.assign(device.generator, { seed: request.seed, offset: 0 });
      const model = mnistModel(request.settings);
      models.own?.dispose();
      models.own = model;
      const slow = device.info.kind === 'cpu';
      return await runTraining({
        model,
        sets,
        request,
        sample: slow ? 100 : 1000,
        progressEvery: slow ? 2 : 10,
        emit: this.#emit,
        gate: run.gate,
        signal: run.stop.signal,
      });
    } finally {
      this.#run = null;
    }
  }

  pause(): void {
    this.#run?.gate.close();
  }

  resume(): void {
    this.#run?.gate.open();
  }

  stop(): void {
    this.#run?.stop.abort(new Error('stopped'));
    this.#run?.gate.open();
  }

  #model(name: ModelName): nn.Sequential {
    const model = this.#open.models[name];
    if (!model) throw new Error('no network was trained or loaded yet');
    return model;
  }

  async predict(name: ModelName, pixels: Uint8Array): Promise<number[]> {
    return classify(this.#model(name), pixels);
  }

  sample(number: number): Promise<{ pixels: Uint8Array; label: number }> {
    const { images, labels, count } = this.#open.digits;
    const at = number % count;
    return Promise.resolve({ pixels: images.slice(at * 784, (at + 1) * 784), label: labels[at] });
  }

  async save(name: ModelName): Promise<Uint8Array> {
    return fileOf(this.#model(name));
  }

  async load(bytes: Uint8Array, name: string): Promise<void> {
    if (this.#run) throw new Error('stop the training before loading weights');
    const { device, models } = this.#open;
    const model = networkFrom(bytes, name, device);
    models.own?.dispose();
    models.own = model;
    this.#emit({ kind: 'filters', filters: await filtersOf(model) });
  }
}
