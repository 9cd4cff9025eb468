import type { Graph } from './graph';
import type { Params } from './params';
import type { Pipeline } from './pipelines';
import type { Storage } from './pool';

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

/** A run of recorded commands. */
export interface GraphCommand {
  readonly kind: 'graph';
  readonly graph: Graph;
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
