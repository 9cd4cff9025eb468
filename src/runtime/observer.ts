import type { Pipeline } from './kernels/kernel';
import type { DispatchCommand } from './stream/commands';

/**
 * What is timed: `passes` as they are submitted anyway, `dispatches` in one pass each, or dispatches `alone`, each submitted and awaited
 * by itself (where the GPU has no clock that can be queried).
 */
export type Timing = 'passes' | 'dispatches' | 'alone';

/** Is notified of what the runtime does; times are those of `performance.now()`. */
export interface RuntimeObserver {
  readonly timing: Timing;
  /** The host has appended `name` to the stream. */
  launched(name: string, since: number): void;
  /** A pipeline's source is there and the host starts to compile it. */
  compiling(pipeline: Pipeline, since: number): void;
  /** A pass is opened: where the GPU is to write its times. */
  openPass(): GPUComputePassTimestampWrites | undefined;
  /** A dispatch was encoded into the pass. */
  dispatched(command: DispatchCommand): void;
  /** Commands encoded since `since` were submitted at `at`. */
  submitted(since: number, at: number): void;
  /** Where dispatches are timed alone: the GPU has finished the latest submission. */
  finished(): void;
}

/** The observers of one device, shared by everything that runs on it. */
export interface Observers {
  runtime: RuntimeObserver | null;
  /** Called with each new pipeline and its WGSL. */
  pipelineCreated: ((pipeline: Pipeline, wgsl: string) => void) | null;
}
