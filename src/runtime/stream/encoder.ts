import { BufferUsage } from '../../device/webgpu-flags';
import type { Gpu } from '../../device/gpu';
import { bindGroupFor, packCommand, uniformBytes } from '../kernels/bind-group';
import type { DispatchCommand, Replayable, StreamCommand } from './commands';
import type { RuntimeObserver } from '../observer';
import { PassEncoder } from './pass-encoder';

const UNIFORM_BYTES = 256 * 1024;
const MAX_BIND_GROUPS = 8192;

/** The names of the ops of a batch: a label, so that WebGPU's messages contain them. */
function opsOf(batch: readonly StreamCommand[]): string {
  const ops = new Set<string>();
  for (const command of batch) {
    if (command.kind === 'graph') ops.add('captured step');
    else if (command.kind === 'dispatch') ops.add(command.op);
  }
  return ops.size === 1 ? (ops.values().next().value ?? '') : [...ops].join(', ');
}

/** Encodes batches of commands and submits them to WebGPU's queue. */
export class Encoder {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #uniformBytes = new Uint8Array(UNIFORM_BYTES);
  readonly #uniformView = new DataView(this.#uniformBytes.buffer);
  /** By op, pipeline and views; emptied when it has grown too large. */
  readonly #bindGroups = new Map<string, GPUBindGroup>();

  readonly #onError: (error: unknown) => void;

  /** `onError` receives the error of a command that cannot be encoded; the others are still executed. */
  constructor({ device }: Gpu, onError: (error: unknown) => void) {
    this.#device = device;
    this.#onError = onError;
    this.#uniforms = device.createBuffer({
      label: 'uniforms',
      size: UNIFORM_BYTES,
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
  }

  /** Number of cached bind groups. */
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
  submit(batch: readonly StreamCommand[], observer: RuntimeObserver | null = null): void {
    const run = this.run(batch, observer);
    while (!run.next().done);
  }

  /**
   * Like `submit()`; if `observer` times dispatches alone, it yields after each command so that the caller can wait for
   * the GPU.
   */
  *run(batch: readonly StreamCommand[], observer: RuntimeObserver | null): Generator<void> {
    const { queue } = this.#device;
    const pass = new PassEncoder(this.#device, opsOf(batch), observer);
    const stepwise = observer?.timing === 'alone';
    let used = 0;
    // Their uniforms are read by the next submit and may not be written before it.
    const graphs = new Set<Replayable>();
    const submit = (): void => {
      if (used > 0) queue.writeBuffer(this.#uniforms, 0, this.#uniformBytes, 0, used);
      pass.submit();
      used = 0;
      graphs.clear();
    };
    for (const command of batch) {
      try {
        if (command.kind === 'write') {
          submit();
          queue.writeBuffer(command.storage.buffer, command.offset, command.data as BufferSource);
        } else if (command.kind === 'graph') {
          if (graphs.has(command.graph)) submit();
          yield* command.graph.run(queue, command.params, pass, submit, stepwise);
          graphs.add(command.graph);
        } else if (command.kind === 'copy') pass.copy(command);
        else {
          const bytes = uniformBytes(command);
          if (used + bytes > UNIFORM_BYTES) submit();
          if (bytes > 0) packCommand(command, command.params, this.#uniformView, used);
          pass.dispatch(command, this.#bindGroup(command), bytes > 0 ? [used] : []);
          used += bytes;
        }
      } catch (error) {
        this.#onError(error);
      }
      if (stepwise) {
        submit();
        yield;
      }
    }
    submit();
  }
}
