import type { Pipeline } from './kernels/kernel';
import type { DispatchCommand } from './stream/commands';

/**
 * What is timed: `passes` as they are, `dispatches` with one pass each, or dispatches `alone`, each submitted and
 * awaited by itself (for a GPU without a clock that can be queried).
 */
export type Timing = 'passes' | 'dispatches' | 'alone';

/** Is notified of what the runtime does; times are those of `performance.now()`. */
export interface RuntimeObserver {
  readonly timing: Timing;
  /** The host has appended `name` to the stream. */
  launched(name: string, since: number): void;
  /** A pipeline's source is there and the host starts to compile it. */
  compiling(pipeline: Pipeline, since: number): void;
  /** A pass begins; returns where the GPU writes its times. */
  openPass(): GPUComputePassTimestampWrites | undefined;
  /** A dispatch was encoded into the pass. */
  dispatched(command: DispatchCommand): void;
  /** Commands encoded since `since` were submitted at `at`. */
  submitted(since: number, at: number): void;
  /** If dispatches are timed alone: the GPU has finished the latest one. */
  finished(): void;
}

/** The observers of one device. */
export interface Observers {
  runtime: RuntimeObserver | null;
  /** Called with each new pipeline and its WGSL. */
  pipelineCreated: ((pipeline: Pipeline, wgsl: string) => void) | null;
}
