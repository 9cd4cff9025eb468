import type { DispatchCommand } from '../runtime/stream/commands';
import type { Pipeline } from '../runtime/kernels/kernel';
import type { Timing } from '../runtime/observer';

/** A period of time, in milliseconds of `performance.now()`. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

export interface NamedSpan extends Span {
  readonly name: string;
}

/** One dispatch that was executed. */
export interface Dispatched {
  readonly op: string;
  readonly pipeline: Pipeline;
  /** Arithmetic operations, if the op states them. */
  readonly flops: number | undefined;
  /** Bytes of all views that it binds, each counted once. */
  readonly bytes: number;
}

/** One pass, with the GPU's times converted to the host's clock. */
export interface TimedPass extends Span {
  readonly dispatches: readonly Dispatched[];
}

/** Everything measured between two moments. */
export interface Measurements extends Span {
  readonly timing: Timing;
  /** Whether the passes have times; whole passes have none if the GPU's clock cannot be queried. */
  readonly timed: boolean;
  readonly passes: readonly TimedPass[];
  readonly launches: readonly NamedSpan[];
  readonly submits: readonly Span[];
  readonly compiles: readonly NamedSpan[];
}

export function dispatchedBy({ op, pipeline, views, flops }: DispatchCommand): Dispatched {
  const parts = new Map(views.map((view) => [`${view.storage.id} ${view.offset} ${view.size}`, view.size]));
  let bytes = 0;
  for (const size of parts.values()) bytes += size;
  return { op, pipeline, flops, bytes };
}

/** A pipeline by its kernel and variant. */
export const pipelineName = ({ name, variant }: Pipeline): string => (variant ? `${name} ${variant}` : name);

/** Milliseconds that the spans cover; overlaps count once. */
export function covered(spans: readonly Span[]): number {
  let total = 0;
  let until = -Infinity;
  for (const { begin, end } of [...spans].sort((a, b) => a.begin - b.begin)) {
    if (end <= until) continue;
    total += end - Math.max(begin, until);
    until = end;
  }
  return total;
}
