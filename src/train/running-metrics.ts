import { countCorrect } from '../metrics';
import type { Device } from '../runtime/device';
import { kernel } from '../runtime/kernels/kernel';
import { zeros } from '../tensor/create/create';
import { keep } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { Outcome } from './objective';

const ADD_SCALED = kernel('add_scaled', () => import('./shaders.lazy'));

/** Means over the inputs of an epoch, or of what there was of it. */
export interface Summary {
  /** Mean loss of an input. */
  readonly loss: number;
  /** Fraction of inputs whose largest logit is their label's, 0 to 1. */
  readonly accuracy: number;
}

/** Means over the examples of an epoch with a loss of one's own, or of what there was of it. */
export interface LossSummary<Names extends string = never> {
  /** Mean loss of an example. */
  readonly loss: number;
  /** Further means, by name. */
  readonly metrics: Readonly<Record<Names, number>>;
}

/** What is read of either. */
export type Means = Summary | LossSummary<string>;

/** Loss and hits or further means, added up on the GPU and read only when asked. */
export class RunningMetrics {
  readonly #op: string;
  readonly #loss: Tensor;
  /** Of a classifier. */
  readonly #hits: Tensor<'int32'> | null;
  readonly #means: readonly (readonly [name: string, total: Tensor])[];
  #count = 0;
  /** What had been added at the last call of `recentLoss()`. */
  #previous = { loss: 0, count: 0 };

  /** `names`: of what is added up beside the loss; null for the hits of a classifier. */
  constructor(op: string, device: Device, names: readonly string[] | null) {
    const total = () => keep(zeros([], { device }));
    this.#op = op;
    this.#loss = total();
    this.#hits = names ? null : keep(zeros([], { device, dtype: 'int32' }));
    this.#means = names?.map((name) => [name, total()] as const) ?? [];
  }

  /** Adds a batch of `weight` examples. */
  add({ loss, hits, metrics }: Outcome, weight: number): void {
    const addTo = (total: Tensor, mean: Tensor) => {
      mean.device.launch({
        op: 'runningMetrics',
        kernel: ADD_SCALED,
        params: { weight },
        views: [mean.view, total.view],
        workgroups: [1, 1, 1],
      });
    };
    addTo(this.#loss, loss);
    if (hits && this.#hits) countCorrect(...hits, this.#hits);
    const names = Object.keys(metrics);
    if (names.length !== this.#means.length || this.#means.some(([name]) => !(name in metrics))) {
      const first = this.#means.map(([name]) => name);
      throw new TypeError(
        `${this.#op}: expected the metrics of the first batch (${first.join()}), got ${names.join()}`,
      );
    }
    for (const [name, total] of this.#means) addTo(total, metrics[name]);
  }

  /** Counts the inputs of a batch that was added: on the host, where a captured step does not come. */
  count(inputs: number): void {
    this.#count += inputs;
  }

  /** The means so far; waits for the batches added before the call. */
  async read(): Promise<Means> {
    const count = this.#count;
    const totals = [this.#loss, ...(this.#hits ? [this.#hits] : this.#means.map(([, total]) => total))];
    const [loss, ...rest] = await Promise.all(totals.map(async (total) => (await total.data())[0] / count));
    if (this.#hits) return { loss, accuracy: rest[0] };
    return { loss, metrics: Object.fromEntries(this.#means.map(([name], i) => [name, rest[i]])) };
  }

  /** The mean loss of what was added since the last call of this method; waits as `read()` does. */
  async recentLoss(): Promise<number> {
    const count = this.#count;
    const [loss] = await this.#loss.data();
    const { loss: previousLoss, count: previousCount } = this.#previous;
    this.#previous = { loss, count };
    return (loss - previousLoss) / (count - previousCount);
  }

  #totals(): Tensor[] {
    return [this.#loss, ...this.#means.map(([, total]) => total)];
  }

  /** Starts again from zero. */
  reset(): void {
    for (const total of this.#totals()) total.write(new Float32Array(1));
    this.#hits?.write(new Int32Array(1));
    this.#count = 0;
    this.#previous = { loss: 0, count: 0 };
  }

  dispose(): void {
    for (const total of this.#totals()) total.dispose();
    this.#hits?.dispose();
  }
}
