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
  readonly groups: readonly [number, number, number];
  readonly params: Params;
  /** Arithmetic operations that the result takes, where the op has told. */
  readonly flops?: number;
  /** Makes the uniforms of another run, where they change (learning rate, random counter). */
  readonly refresh?: () => Params;
}

export interface WriteCommand {
  readonly kind: 'write';
  readonly buffer: GPUBuffer;
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
}

/** One piece of GPU work, as it can be recorded. */
export type Command = DispatchCommand | WriteCommand | CopyCommand;

/** Encodes dispatches and copies, in order. */
export interface CommandSink {
  /** `offsets`: of the uniforms in their buffer; empty for a kernel without uniforms. */
  dispatch(command: DispatchCommand, group: GPUBindGroup, offsets: readonly number[]): void;
  copy(command: CopyCommand): void;
}

/** A list of commands that can be run again. */
export interface Replayable {
  /** The dispatches whose pipelines are still being compiled. */
  compiling(): DispatchCommand[];
  /**
   * Encodes one run with the given `uniforms`; `submit` submits what `sink` holds. With `stepwise` it yields after each command, which it
   * has submitted, so that the caller can wait for the GPU.
   */
  run(queue: GPUQueue, uniforms: Uint8Array, sink: CommandSink, submit: () => void, stepwise: boolean): Generator<void>;
}

/** A run of recorded commands. */
export interface GraphCommand {
  readonly kind: 'graph';
  readonly graph: Replayable;
  readonly uniforms: Uint8Array;
}

/** What a stream takes, in the order in which it was asked for. */
export type StreamCommand = Command | GraphCommand;

/** The pipelines of `batch` that are still being compiled, with the op that wants each first. */
export function compilingIn(batch: readonly StreamCommand[]): Map<Pipeline, string> {
  const compiling = new Map<Pipeline, string>();
  for (const command of batch) {
    const dispatches =
      command.kind === 'graph' ? command.graph.compiling() : command.kind === 'dispatch' ? [command] : [];
    for (const { pipeline, op } of dispatches) if (!pipeline.ready) compiling.set(pipeline, op);
  }
  return compiling;
}
