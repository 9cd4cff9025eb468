import { BufferUsage } from '../../device/webgpu-flags';
import { NO_DISPATCHES, type Command, type CommandSink, type DispatchCommand, type Replayable } from './commands';
import { bindGroupFor, packCommand, uniformBytes } from '../kernels/bind-group';
import type { Params } from '../../wgsl/params';

/** One dispatch with everything ready. */
interface Step {
  readonly command: DispatchCommand;
  readonly group: GPUBindGroup;
  /** Bytes into the uniforms, as the dynamic offset; empty for a kernel without any. */
  readonly offsets: readonly number[];
}

type Entry = Step | Exclude<Command, DispatchCommand>;

const changes = ({ refresh }: DispatchCommand): boolean => refresh !== undefined;

/** What needs the kernels' layouts: created at the first replay, when all pipelines are compiled. */
class PreparedGraph {
  readonly entries: readonly Entry[];
  readonly uniforms: GPUBuffer;
  readonly #changing: readonly Step[];
  /** The uniforms that change from replay to replay: the front of the buffer. */
  readonly #packed: Uint8Array;
  readonly #view: DataView;

  constructor(device: GPUDevice, commands: readonly Command[]) {
    const dispatches = commands.filter((command) => command.kind === 'dispatch');
    const ordered = [...dispatches.filter(changes), ...dispatches.filter((command) => !changes(command))];
    const places = new Map<DispatchCommand, number>();
    let bytes = 0;
    let changing = 0;
    for (const command of ordered) {
      const size = uniformBytes(command);
      if (size > 0) places.set(command, bytes);
      bytes += size;
      if (changes(command)) changing = bytes;
    }
    const packed = new Uint8Array(bytes);
    const view = new DataView(packed.buffer);
    for (const [command, at] of places) packCommand(command, command.params, view, at);
    this.uniforms = device.createBuffer({
      label: 'captured uniforms',
      size: Math.max(bytes, 16),
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
    if (bytes > 0) device.queue.writeBuffer(this.uniforms, 0, packed);
    this.entries = commands.map((command) => {
      if (command.kind !== 'dispatch') return command;
      const at = places.get(command);
      return {
        command,
        group: bindGroupFor(device, command, this.uniforms),
        offsets: at === undefined ? [] : [at],
      };
    });
    this.#changing = this.entries.filter((entry) => 'group' in entry && changes(entry.command)) as Step[];
    this.#packed = packed.slice(0, changing);
    this.#view = new DataView(this.#packed.buffer);
  }

  /** Writes the uniforms of the next replay. */
  write(queue: GPUQueue, params: readonly Params[]): void {
    this.#changing.forEach(({ command, offsets }, i) => {
      for (const at of offsets) packCommand(command, params[i], this.#view, at);
    });
    if (this.#packed.length > 0) queue.writeBuffer(this.uniforms, 0, this.#packed as BufferSource);
  }
}

/**
 * A recorded list of commands that can be replayed with nothing left to decide: pipelines, bind groups and uniforms are
 * created once. Only the uniforms that change from replay to replay are packed again; they lie at the front of the
 * graph's own buffer.
 */
export class RecordedGraph implements Replayable {
  readonly #device: GPUDevice;
  readonly #commands: readonly Command[];
  readonly #dispatches: readonly DispatchCommand[];
  readonly #changing: readonly DispatchCommand[];
  #compiled = false;
  #prepared: PreparedGraph | null = null;

  /** The caller keeps the storages of `commands`. */
  constructor(device: GPUDevice, commands: readonly Command[]) {
    this.#device = device;
    this.#commands = commands;
    this.#dispatches = commands.filter((command) => command.kind === 'dispatch');
    this.#changing = this.#dispatches.filter(changes);
  }

  /** Dispatches of one replay. */
  get dispatches(): number {
    return this.#dispatches.length;
  }

  notReady(): readonly DispatchCommand[] {
    if (this.#compiled) return NO_DISPATCHES;
    const waiting = this.#dispatches.filter(({ pipeline }) => !pipeline.ready);
    this.#compiled = waiting.length === 0;
    return waiting;
  }

  /** The params that change from replay to replay, as they were recorded. */
  recordedParams(): Params[] {
    return this.#changing.map(({ params }) => params);
  }

  /** The params of the next replay that change, evaluated in the order of the commands. */
  refresh(): Params[] {
    return this.#changing.map((command) => command.refresh?.() ?? command.params);
  }

  *run(
    queue: GPUQueue,
    params: readonly Params[],
    sink: CommandSink,
    submit: () => void,
    stepwise: boolean,
  ): Generator<void> {
    this.#prepared ??= new PreparedGraph(this.#device, this.#commands);
    this.#prepared.write(queue, params);
    for (const entry of this.#prepared.entries) {
      if ('group' in entry) sink.dispatch(entry.command, entry.group, entry.offsets);
      else if (entry.kind === 'copy') sink.copy(entry);
      else {
        submit();
        queue.writeBuffer(entry.storage.buffer, entry.offset, entry.data as BufferSource);
      }
      if (stepwise) {
        submit();
        yield;
      }
    }
  }

  /** Frees the memory; no replay may be pending. */
  dispose(): void {
    this.#prepared?.uniforms.destroy();
  }
}
