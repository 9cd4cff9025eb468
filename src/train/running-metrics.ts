import { countCorrect } from '../metrics';
import type { Device } from '../runtime/device';
import { kernel } from '../runtime/kernels/kernel';
import { zeros } from '../tensor/create';
import { keep } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

const ADD_SCALED = kernel('add_scaled', () => import('./shaders.lazy'));

/** Means over the inputs of an epoch, or of what there was of it. */
export interface Summary {
  /** Mean loss of an input. */
  readonly loss: number;
  /** Fraction of inputs whose largest logit is their label's, 0 to 1. */
  readonly accuracy: number;
}

/** Loss and hits, added up on the GPU and read only when asked. */
export class RunningMetrics {
  readonly #loss: Tensor;
  readonly #hits: Tensor;
  #count = 0;
  /** What had been added at the last call of `recentLoss()`. */
  #previous = { loss: 0, count: 0 };

  constructor(device: Device) {
    this.#loss = keep(zeros([], { device }));
    this.#hits = keep(zeros([], { device, dtype: 'int32' }));
  }

  /** Adds a batch: `loss` is its mean `[]`, logits `[N, C]`, labels `[N]`. */
  add(loss: Tensor, logits: Tensor, labels: Tensor): void {
    const weight = labels.size;
    const { device } = loss;
    device.launch({
      op: 'runningMetrics',
      kernel: ADD_SCALED,
      params: { weight },
      views: [loss.view, this.#loss.view],
      workgroups: [1, 1, 1],
    });
    countCorrect(logits, labels, this.#hits);
  }

  /** Counts the inputs of a batch that was added: on the host, where a captured step does not come. */
  count(inputs: number): void {
    this.#count += inputs;
  }

  /** The means so far; waits for the batches added before the call. */
  async read(): Promise<Summary> {
    const count = this.#count;
    const [[loss], [hits]] = await Promise.all([this.#loss.data(), this.#hits.data()]);
    return { loss: loss / count, accuracy: hits / count };
  }

  /** The mean loss of what was added since the last call of this method; waits as `read()` does. */
  async recentLoss(): Promise<number> {
    const count = this.#count;
    const [loss] = await this.#loss.data();
    const { loss: previousLoss, count: previousCount } = this.#previous;
    this.#previous = { loss, count };
    return (loss - previousLoss) / (count - previousCount);
  }

  /** Starts again from zero. */
  reset(): void {
    this.#loss.write(new Float32Array(1));
    this.#hits.write(new Int32Array(1));
    this.#count = 0;
    this.#previous = { loss: 0, count: 0 };
  }

  dispose(): void {
    this.#loss.dispose();
    this.#hits.dispose();
  }
}
