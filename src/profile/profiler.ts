import type { Gpu } from '../device/gpu';
import type { DispatchCommand } from '../runtime/stream/commands';
import {
  dispatchedBy,
  pipelineName,
  type Dispatched,
  type Measurements,
  type NamedSpan,
  type Span,
} from './measurements';
import type { Pipeline } from '../runtime/kernels/kernel';
import type { RuntimeObserver, Timing } from '../runtime/observer';
import { Timestamps, type Ticks } from './timestamps';

interface Pass {
  readonly dispatches: Dispatched[];
  /** On the host's clock, for passes that the GPU does not time. */
  begin: number;
  end: number;
}

/** Everything gathered until the next `take()`. */
interface Gathered {
  readonly begin: number;
  readonly passes: Pass[];
  readonly launches: NamedSpan[];
  readonly submits: Span[];
  readonly compiles: NamedSpan[];
  /** When commands were submitted, and the number of their first pass. */
  readonly firstPasses: { readonly at: number; readonly pass: number }[];
}

const nothing = (begin: number): Gathered => ({
  begin,
  passes: [],
  launches: [],
  submits: [],
  compiles: [],
  firstPasses: [],
});

/**
 * The GPU's times on the host's clock: no pass begins before it was submitted, and the fastest to start began just
 * then.
 */
function onHostClock(ticks: readonly Ticks[], { firstPasses }: Gathered): Ticks[] {
  const shift = firstPasses.reduce((most, { at, pass }) => Math.max(most, at - ticks[pass].begin), -Infinity);
  return ticks.map(({ begin, end }) => ({ begin: begin + shift, end: end + shift }));
}

/** Gathers what a device does, with the times of its kernels. */
export class Profiler implements RuntimeObserver {
  readonly timing: Timing;
  readonly #timestamps: Timestamps | null;
  #gathered = nothing(performance.now());
  /** The number of the first pass that is not submitted yet. */
  #next = 0;
  /** The pass that was submitted by itself and is awaited. */
  #awaited: Pass | null = null;

  /** Times whole `passes`, which costs next to nothing, or all `dispatches`, which makes them slower. */
  constructor({ device, features }: Gpu, granularity: 'passes' | 'dispatches') {
    const clock = features.has('timestamp-query');
    this.timing = clock || granularity === 'passes' ? granularity : 'alone';
    this.#timestamps = clock ? new Timestamps(device) : null;
  }

  /** Whether nothing was gathered since the last `take()`. */
  get idle(): boolean {
    return this.#gathered.passes.length === 0;
  }

  launched(name: string, since: number): void {
    this.#gathered.launches.push({ name, begin: since, end: performance.now() });
  }

  compiling(pipeline: Pipeline, since: number): void {
    const done = (): void => {
      this.#gathered.compiles.push({ name: pipelineName(pipeline), begin: since, end: performance.now() });
    };
    pipeline.compiled.then(done, done);
  }

  openPass(): GPUComputePassTimestampWrites | undefined {
    this.#gathered.passes.push({ dispatches: [], begin: 0, end: 0 });
    return this.#timestamps?.next();
  }

  dispatched(command: DispatchCommand): void {
    this.#gathered.passes.at(-1)?.dispatches.push(dispatchedBy(command));
  }

  submitted(since: number, at: number): void {
    const { passes, submits, firstPasses } = this.#gathered;
    submits.push({ begin: since, end: performance.now() });
    if (passes.length === this.#next) return;
    firstPasses.push({ at, pass: this.#next });
    this.#next = passes.length;
    if (this.timing !== 'alone') return;
    this.#awaited = passes[passes.length - 1];
    this.#awaited.begin = at;
  }

  finished(): void {
    if (this.#awaited) this.#awaited.end = performance.now();
    this.#awaited = null;
  }

  /** Everything gathered since the last call; it must have been submitted. Rejects when the device is lost. */
  async take(): Promise<Measurements> {
    const end = performance.now();
    const gathered = this.#gathered;
    this.#gathered = nothing(end);
    this.#next = 0;
    const ticks = this.#timestamps && onHostClock(await this.#timestamps.take(), gathered);
    const { passes, begin, launches, submits, compiles } = gathered;
    return {
      timing: this.timing,
      timed: ticks !== null || this.timing === 'alone',
      begin,
      end,
      passes: ticks ? passes.map(({ dispatches }, i) => ({ dispatches, ...ticks[i] })) : passes,
      launches,
      submits,
      compiles,
    };
  }

  dispose(): void {
    this.#timestamps?.dispose();
  }
}
