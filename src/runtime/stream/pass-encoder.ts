import { compiledKernel } from '../kernels/bind-group';
import type { CommandSink, CopyCommand, DispatchCommand } from './commands';
import type { RuntimeObserver } from '../observer';

/** Encodes commands one after the other and submits them; consecutive dispatches go into one pass. */
export class PassEncoder implements CommandSink {
  readonly #device: GPUDevice;
  readonly #label: string;
  readonly #observer: RuntimeObserver | null;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  /** The pipeline of the pass's latest dispatch. */
  #pipeline: GPUComputePipeline | null = null;
  /** When the first command was encoded. */
  #since = 0;

  constructor(device: GPUDevice, label: string, observer: RuntimeObserver | null) {
    this.#device = device;
    this.#label = label;
    this.#observer = observer;
  }

  #open(): GPUCommandEncoder {
    if (this.#encoder) return this.#encoder;
    if (this.#observer) this.#since = performance.now();
    return (this.#encoder = this.#device.createCommandEncoder({ label: this.#label }));
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
    this.#pipeline = null;
  }

  dispatch(command: DispatchCommand, group: GPUBindGroup, offsets: readonly number[]): void {
    const { pipeline } = compiledKernel(command);
    const observer = this.#observer;
    if (observer && observer.timing !== 'passes') this.#endPass();
    this.#pass ??= this.#open().beginComputePass({ label: this.#label, timestampWrites: observer?.openPass() });
    if (pipeline !== this.#pipeline) this.#pass.setPipeline((this.#pipeline = pipeline));
    this.#pass.setBindGroup(0, group, offsets);
    const [x, y, z] = command.workgroups;
    this.#pass.dispatchWorkgroups(x, y, z);
    observer?.dispatched(command);
  }

  copy({ from, fromOffset, to, toOffset, bytes }: CopyCommand): void {
    this.#endPass();
    this.#open().copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  /** Submits what was encoded. */
  submit(): void {
    this.#endPass();
    if (!this.#encoder) return;
    const at = this.#observer ? performance.now() : 0;
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = null;
    this.#observer?.submitted(this.#since, at);
  }
}
