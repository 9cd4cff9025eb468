import { BufferUsage } from '../device/flags';
import type { Gpu } from '../device/gpu';
import { align, bindGroupFor, packCommand } from './binding';
import type { DispatchCommand, StreamCommand } from './commands';

const UNIFORM_BYTES = 256 * 1024;
const MAX_BIND_GROUPS = 8192;

/** The names of the ops of a batch, so that WebGPU's own messages name them. */
function opsOf(batch: readonly StreamCommand[]): string {
  return [...new Set(batch.flatMap((command) => (command.kind === 'dispatch' ? [command.op] : [])))].join(', ');
}

/** Turns batches of commands into WebGPU's and hands them to the queue. */
export class Encoder {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #uniformBytes = new Uint8Array(UNIFORM_BYTES);
  readonly #uniformView = new DataView(this.#uniformBytes.buffer);
  /** Kept for reuse; all are dropped when there are very many. */
  readonly #bindGroups = new Map<string, GPUBindGroup>();

  constructor({ device }: Gpu) {
    this.#device = device;
    this.#uniforms = device.createBuffer({
      label: 'uniforms',
      size: UNIFORM_BYTES,
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
  }

  /** Bind groups that are kept at this moment. */
  get bindGroups(): number {
    return this.#bindGroups.size;
  }

  #bindGroup(command: DispatchCommand): GPUBindGroup {
    const { op, pipeline, views } = command;
    let key = `${op}|${pipeline.id}`;
    for (const { storage, offset, size } of views) key += `;${storage.id},${offset},${size}`;
    let group = this.#bindGroups.get(key);
    if (!group) {
      if (this.#bindGroups.size >= MAX_BIND_GROUPS) this.#bindGroups.clear();
      group = bindGroupFor(this.#device, command, this.#uniforms);
      this.#bindGroups.set(key, group);
    }
    return group;
  }

  /** Encodes and submits `batch`, in order. Its pipelines must be compiled. */
  submit(batch: readonly StreamCommand[]): void {
    const { queue } = this.#device;
    const label = opsOf(batch);
    let encoder: GPUCommandEncoder | null = null;
    let pass: GPUComputePassEncoder | null = null;
    let used = 0;
    const endPass = (): void => {
      pass?.end();
      pass = null;
    };
    const submit = (): void => {
      endPass();
      if (used > 0) queue.writeBuffer(this.#uniforms, 0, this.#uniformBytes, 0, used);
      if (encoder) queue.submit([encoder.finish()]);
      encoder = null;
      used = 0;
    };
    for (const command of batch) {
      if (command.kind === 'write') {
        submit();
        queue.writeBuffer(command.buffer, command.offset, command.data as BufferSource);
        continue;
      }
      if (command.kind === 'graph') {
        submit();
        command.graph.submit(this.#device, command.uniforms);
        continue;
      }
      if (command.kind === 'dispatch' && used + align(command.pipeline.params?.size ?? 0) > UNIFORM_BYTES) submit();
      encoder ??= this.#device.createCommandEncoder({ label });
      if (command.kind === 'copy') {
        endPass();
        encoder.copyBufferToBuffer(command.from, command.fromOffset, command.to, command.toOffset, command.bytes);
        continue;
      }
      const { op, pipeline, groups } = command;
      if (!pipeline.ready) throw new Error(`${op}: its pipeline was not compiled`);
      pass ??= encoder.beginComputePass({ label });
      pass.setPipeline(pipeline.ready);
      const bytes = packCommand(command, command.params, this.#uniformView, used);
      pass.setBindGroup(0, this.#bindGroup(command), bytes > 0 ? [used] : []);
      used += bytes;
      pass.dispatchWorkgroups(...groups);
    }
    submit();
  }
}
