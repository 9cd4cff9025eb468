import type { Params } from '../../wgsl/params';
import type { Pipeline } from '../kernels/kernel';
import type { Storage } from '../memory/storage';

/** A part of a storage buffer as a kernel sees it. */
export interface BufferView {
  readonly storage: Storage;
  /** Bytes, a multiple of 256. */
  readonly offset: number;
  /** Bytes, a multiple of 4. */
  readonly size: number;
}

export interface DispatchCommand {
  readonly kind: 'dispatch';
  readonly op: string;
  readonly pipeline: Pipeline;
  readonly views: readonly BufferView[];
  readonly workgroups: readonly [number, number, number];
  readonly params: Params;
  /** Arithmetic operations, if the op states them. */
  readonly flops?: number;
  /** Evaluates the params of a replay, if they change (learning rate, random counter). */
  readonly refresh?: () => Params;
}

export interface WriteCommand {
  readonly kind: 'write';
  readonly storage: Storage;
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface CopyCommand {
  readonly kind: 'copy';
  readonly from: GPUBuffer;
  readonly fromOffset: number;
  readonly to: GPUBuffer;
  readonly toOffset: number;
  readonly bytes: number;
  /** Those of `from` and `to`, as far as they are storages. */
  readonly storages: readonly Storage[];
}

/** Copies all of `from` to the beginning of `to`. */
export function copyCommand(from: BufferView, to: BufferView): CopyCommand {
  return {
    kind: 'copy',
    from: from.storage.buffer,
    fromOffset: from.offset,
    to: to.storage.buffer,
    toOffset: to.offset,
    bytes: from.size,
    storages: [from.storage, to.storage],
  };
}

/** The storages that `command` reads or writes. */
export function storagesOf(command: Command): readonly Storage[] {
  if (command.kind === 'dispatch') return command.views.map(({ storage }) => storage);
  return command.kind === 'copy' ? command.storages : [command.storage];
}

/** One piece of GPU work that can be recorded. */
export type Command = DispatchCommand | WriteCommand | CopyCommand;

/** Encodes dispatches and copies, in order. */
export interface CommandSink {
  /** `offsets`: of the uniforms in their buffer; empty for a kernel without uniforms. */
  dispatch(command: DispatchCommand, group: GPUBindGroup, offsets: readonly number[]): void;
  copy(command: CopyCommand): void;
}

/** A list of commands that can be replayed. */
export interface Replayable {
  /** The dispatches whose pipelines are not compiled (yet). */
  notReady(): readonly DispatchCommand[];
  /**
   * Encodes one replay; `params` are those that change from replay to replay. `submit` submits what `sink` holds. With
   * `stepwise` it yields after each command, which it has submitted, so that the caller can wait for the GPU. Pipelines
   * must be compiled.
   */
  run(
    queue: GPUQueue,
    params: readonly Params[],
    sink: CommandSink,
    submit: () => void,
    stepwise: boolean,
  ): Generator<void>;
}

/** A replay of recorded commands. */
export interface GraphCommand {
  readonly kind: 'graph';
  readonly graph: Replayable;
  readonly params: readonly Params[];
}

/** What can be appended to a stream. */
export type StreamCommand = Command | GraphCommand;

/** One list for all: asked for at each replay. */
export const NO_DISPATCHES: readonly DispatchCommand[] = [];

/** The dispatches of `command` whose pipelines are not compiled (yet). */
export function notReady(command: StreamCommand): readonly DispatchCommand[] {
  if (command.kind === 'graph') return command.graph.notReady();
  return command.kind === 'dispatch' && !command.pipeline.ready ? [command] : NO_DISPATCHES;
}

/** The pipelines of `batch` that are not compiled (yet), each with an op that uses it. */
export function compilingIn(batch: readonly StreamCommand[]): Map<Pipeline, string> {
  const compiling = new Map<Pipeline, string>();
  for (const command of batch) for (const { pipeline, op } of notReady(command)) compiling.set(pipeline, op);
  return compiling;
}
