import type { AdapterInfo } from 'wgrad';
import type { Settings } from '../../settings';

/** What the page and its worker tell each other: structured clones only. */

/** The network that came with the page, or the one that was trained or loaded here. */
export type ModelName = 'ready' | 'own';

export type DataChoice = { kind: 'small' } | { kind: 'full' } | { kind: 'files'; files: readonly File[] };

export interface TrainingRequest {
  settings: Pick<Settings, 'epochs' | 'batchSize' | 'lr' | 'channels' | 'dense' | 'dropout'>;
  seed: number;
  data: DataChoice;
}

export interface Opened {
  adapter: AdapterInfo;
  defaults: Settings;
}

/** A digit that the network reads wrongly. */
export interface Mistake {
  /** 28x28 bytes, 0 is paper. */
  pixels: Uint8Array;
  label: number;
  predicted: number;
  /** What the network gives the wrong answer, 0 to 1. */
  probability: number;
}

/** How the network does on images that it does not learn from. */
export interface Assessment {
  loss: number;
  accuracy: number;
  count: number;
  /** A row for each digit, a column for each answer: `[10 · 10]`. */
  confusion: Int32Array;
  /** The worst first. */
  mistakes: readonly Mistake[];
}

/** The kernels of the first convolution. */
export interface Filters {
  count: number;
  /** `[count, 3, 3]` */
  weights: Float32Array;
}

export interface ProgressEvent {
  kind: 'progress';
  epoch: number;
  epochs: number;
  /** Batches done, of all epochs. */
  step: number;
  steps: number;
  /** Of the batches since the last event. */
  loss: number;
  accuracy: number;
  lr: number;
  imagesPerSecond: number;
  secondsLeft: number;
}

export type LabEvent =
  | { kind: 'download'; file: string; received: number; total: number }
  | { kind: 'data'; source: string; train: number; test: number }
  | ProgressEvent
  | { kind: 'filters'; filters: Filters }
  | { kind: 'look'; step: number; assessment: Assessment }
  | { kind: 'epoch'; epoch: number; epochs: number; accuracy: number; weights: Uint8Array }
  | { kind: 'paused'; step: number }
  | { kind: 'lost'; reason: string; message: string };

export interface Outcome {
  /** False when it was stopped. */
  finished: boolean;
  accuracy: number;
  count: number;
}

/** What the worker does for the page. */
export interface LabApi {
  /** Opens the GPU and the network that comes with the page. Throws where there is no WebGPU. */
  open(listener: (event: LabEvent) => void): Promise<Opened>;
  /** Trains a new network; ends when that is done or stopped. */
  train(request: TrainingRequest): Promise<Outcome>;
  pause(): void;
  resume(): void;
  stop(): void;
  /** Ten probabilities for an image of 28x28 bytes. */
  predict(model: ModelName, pixels: Uint8Array): Promise<number[]>;
  /** A digit of the small set, by its number modulo how many there are. */
  sample(number: number): Promise<{ pixels: Uint8Array; label: number }>;
  /** The weights as a safetensors file. */
  save(model: ModelName): Promise<Uint8Array>;
  /** Takes the weights of a safetensors file; they become the `own` network. */
  load(bytes: Uint8Array, name: string): Promise<void>;
}
