import type { DispatchCommand } from './commands';
import type { Pipeline } from './pipelines';

/**
 * What is timed: `passes` as they are submitted anyway, `dispatches` in a pass each, or dispatches `alone`, each submitted by
 * itself and awaited (where the GPU has no clock that could be asked).
 */
export type Timing = 'passes' | 'dispatches' | 'alone';

/** Is told what the runtime does; times are those of `performance.now()`. */
export interface Probe {
  readonly timing: Timing;
  /** The host has put `name` on the stream. */
  launched(name: string, since: number): void;
  /** The host begins to compile a pipeline. */
  compiling(pipeline: Pipeline, since: number): void;
  /** A pass is opened: where the GPU is to write its times. */
  openPass(): GPUComputePassTimestampWrites | undefined;
  /** A dispatch was encoded into the pass. */
  dispatched(command: DispatchCommand): void;
  /** Commands encoded since `since` were handed to the queue at `at`. */
  submitted(since: number, at: number): void;
  /** Where dispatches are timed alone: the GPU has finished what was submitted last. */
  finished(): void;
}

/** Who listens to a device; shared by all that runs on it. */
export interface Watch {
  probe: Probe | null;
  /** Told of each pipeline when it is made. */
  created: ((pipeline: Pipeline) => void) | null;
}
