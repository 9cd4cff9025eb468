import type { CopyCommand, DispatchCommand } from './commands';
import type { Probe } from './probe';

/** Encodes commands one after the other and submits them; dispatches that follow each other share a pass. */
export class Submission {
  readonly #device: GPUDevice;
  readonly #label: string;
  readonly #probe: Probe | null;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  /** The pipeline of the pass's latest dispatch. */
  #pipeline: GPUComputePipeline | null = null;
  /** When the first command was encoded. */
  #since = 0;

  constructor(device: GPUDevice, label: string, probe: Probe | null) {
    this.#device = device;
    this.#label = label;
    this.#probe = probe;
  }

  #open(): GPUCommandEncoder {
    if (this.#encoder) return this.#encoder;
    if (this.#probe) this.#since = performance.now();
    return (this.#encoder = this.#device.createCommandEncoder({ label: this.#label }));
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
    this.#pipeline = null;
  }

  /** `offsets`: of the uniforms in their buffer; empty for a kernel without them. */
  dispatch(command: DispatchCommand, group: GPUBindGroup, offsets: readonly number[]): void {
    const { op, pipeline, groups } = command;
    const { ready } = pipeline;
    if (!ready) throw new Error(`${op}: its pipeline was not compiled`);
    const probe = this.#probe;
    if (probe && probe.timing !== 'passes') this.#endPass();
    this.#pass ??= this.#open().beginComputePass({ label: this.#label, timestampWrites: probe?.openPass() });
    if (ready !== this.#pipeline) this.#pass.setPipeline((this.#pipeline = ready));
    this.#pass.setBindGroup(0, group, offsets);
    const [x, y, z] = groups;
    this.#pass.dispatchWorkgroups(x, y, z);
    probe?.dispatched(command);
  }

  copy({ from, fromOffset, to, toOffset, bytes }: CopyCommand): void {
    this.#endPass();
    this.#open().copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  /** Hands what was encoded to the queue. */
  submit(): void {
    this.#endPass();
    if (!this.#encoder) return;
    const at = this.#probe ? performance.now() : 0;
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = null;
    this.#probe?.submitted(this.#since, at);
  }
}
