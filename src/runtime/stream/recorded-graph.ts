import { BufferUsage } from '../../device/webgpu-flags';
import type { Command, CommandSink, DispatchCommand, Replayable } from './commands';
import { align, bindGroupFor, packCommand } from '../kernels/bind-group';
import type { Storage } from '../memory/storage';

/** One dispatch with everything ready. */
interface Step {
  readonly command: DispatchCommand;
  readonly group: GPUBindGroup;
  /** Bytes into the uniforms, as the dynamic offset; empty for a kernel without any. */
  readonly offsets: readonly number[];
}

type Entry = Step | Exclude<Command, DispatchCommand>;

/**
 * A recorded list of commands that can be run again with nothing left to decide: pipelines, bind groups and uniforms are made
 * once. Only the uniforms that change from run to run are packed anew; they lie at the front of the graph's own buffer.
 */
export class RecordedGraph implements Replayable {
  readonly #entries: readonly Entry[];
  readonly #changing: readonly Step[];
  #compiled = false;
  readonly #changingBytes: number;
  readonly #uniforms: GPUBuffer;
  readonly #storages: ReadonlySet<Storage>;
  /** Dispatches of one run. */
  readonly dispatches: number;

  /** `storages` are all that the commands touch; the graph owns one share of each. */
  constructor(device: GPUDevice, commands: readonly Command[], storages: ReadonlySet<Storage>) {
    const dispatches = commands.filter((command) => command.kind === 'dispatch');
    const ordered = [...dispatches.filter(({ refresh }) => refresh), ...dispatches.filter(({ refresh }) => !refresh)];
    const places = new Map<DispatchCommand, number>();
    let bytes = 0;
    let changingBytes = 0;
    for (const command of ordered) {
      if (!command.pipeline.params) continue;
      places.set(command, bytes);
      bytes += align(command.pipeline.params.size);
      if (command.refresh) changingBytes = bytes;
    }
    const packed = new Uint8Array(bytes);
    const view = new DataView(packed.buffer);
    for (const [command, at] of places) packCommand(command, command.params, view, at);
    this.#uniforms = device.createBuffer({
      label: 'captured uniforms',
      size: Math.max(bytes, 16),
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
    if (bytes > 0) device.queue.writeBuffer(this.#uniforms, 0, packed);
    this.#entries = commands.map((command) => {
      if (command.kind !== 'dispatch') return command;
      const at = places.get(command);
      return {
        command,
        group: bindGroupFor(device, command, this.#uniforms),
        offsets: at === undefined ? [] : [at],
      };
    });
    this.#changing = this.#entries.filter((entry) => 'group' in entry && entry.command.refresh !== undefined) as Step[];
    this.#changingBytes = changingBytes;
    this.#storages = storages;
    this.dispatches = dispatches.length;
  }

  /** The dispatches whose pipelines are still being compiled. */
  compiling(): DispatchCommand[] {
    if (this.#compiled) return [];
    const dispatches = this.#entries.flatMap((entry) => ('group' in entry ? [entry.command] : []));
    const waiting = dispatches.filter(({ pipeline }) => !pipeline.ready);
    this.#compiled = waiting.length === 0;
    return waiting;
  }

  /** The uniforms of the next run, in the order in which the commands would ask for them. */
  refresh(): Uint8Array {
    const packed = new Uint8Array(this.#changingBytes);
    const view = new DataView(packed.buffer);
    for (const { command, offsets } of this.#changing) {
      const params = command.refresh?.() ?? command.params;
      for (const at of offsets) packCommand(command, params, view, at);
    }
    return packed;
  }

  *run(
    queue: GPUQueue,
    uniforms: Uint8Array,
    sink: CommandSink,
    submit: () => void,
    stepwise: boolean,
  ): Generator<void> {
    if (uniforms.length > 0) queue.writeBuffer(this.#uniforms, 0, uniforms as BufferSource);
    for (const entry of this.#entries) {
      if ('group' in entry) sink.dispatch(entry.command, entry.group, entry.offsets);
      else if (entry.kind === 'copy') sink.copy(entry);
      else {
        submit();
        queue.writeBuffer(entry.buffer, entry.offset, entry.data as BufferSource);
      }
      if (stepwise) {
        submit();
        yield;
      }
    }
  }

  /** Gives the memory back, once no run is pending. */
  dispose(): void {
    this.#uniforms.destroy();
    for (const storage of this.#storages) storage.release();
  }
}
