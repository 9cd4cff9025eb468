import { BufferUsage } from '../../device/webgpu-flags';
import type { Gpu } from '../../device/gpu';
import { bindGroupFor, packCommand, uniformBytes } from '../kernels/bind-group';
import type { DispatchCommand, Replayable, StreamCommand } from './commands';
import type { RuntimeObserver } from '../observer';
import { PassEncoder } from './pass-encoder';

const UNIFORM_BYTES = 256 * 1024;
const MAX_BIND_GROUPS = 8192;

/** The names of the ops of a batch, so that WebGPU's own messages name them. */
function opsOf(batch: readonly StreamCommand[]): string {
  const opOf = (command: StreamCommand): string[] => {
    if (command.kind === 'graph') return ['captured step'];
    return command.kind === 'dispatch' ? [command.op] : [];
  };
  return [...new Set(batch.flatMap(opOf))].join(', ');
}

/** Turns batches of commands into WebGPU's and hands them to the queue. */
export class Encoder {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #uniformBytes = new Uint8Array(UNIFORM_BYTES);
  readonly #uniformView = new DataView(this.#uniformBytes.buffer);
  /** Kept for reuse; all are dropped when there are very many. */
  readonly #bindGroups = new Map<string, GPUBindGroup>();

  readonly #onError: (error: unknown) => void;

  /** `onError` takes what is wrong with one command, which is left out; the others are carried out. */
  constructor({ device }: Gpu, onError: (error: unknown) => void) {
    this.#device = device;
    this.#onError = onError;
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
  submit(batch: readonly StreamCommand[], observer: RuntimeObserver | null = null): void {
    const run = this.run(batch, observer);
    while (!run.next().done);
  }

  /** As `submit()`; where `observer` times dispatches alone, it stops after each command so that the GPU can be waited for. */
  *run(batch: readonly StreamCommand[], observer: RuntimeObserver | null): Generator<void> {
    const { queue } = this.#device;
    const pass = new PassEncoder(this.#device, opsOf(batch), observer);
    const stepwise = observer?.timing === 'alone';
    let used = 0;
    // Those whose uniforms the next submit reads: till then they may not be written again.
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
          queue.writeBuffer(command.buffer, command.offset, command.data as BufferSource);
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
