import type { DeviceLostError } from '../device/errors';
import type { AdapterInfo, Gpu } from '../device/gpu';
import { VariantSelection } from '../variants/selection';
import type { TuneMode } from '../variants/tune-mode';
import type { Generator } from './generator';
import { GpuChecks } from './gpu-checks';
import { MAX_WORKGROUPS, type Launch } from './kernels/launch';
import { PipelineCache } from './kernels/pipeline-cache';
import { BufferPool, type MemoryStats } from './memory/buffer-pool';
import type { Observers } from './observer';
import { CommandStream } from './stream/command-stream';
import type { Params } from '../wgsl/params';
import type { RecordedGraph } from './stream/recorded-graph';
import type { PollBackoff } from './stream/poll-backoff.lazy';

/** Reports each step of a program as it ends (`WGRAD_DEBUG`). */
export interface StepReporter {
  endStep(name: string): void;
  /** Resolves when every step so far has been reported. */
  finish(): Promise<void>;
}

export interface DeviceParts {
  readonly gpu: Gpu;
  readonly generator: Generator;
  readonly tuneMode: TuneMode;
  /** Sleeps while something is awaited; `null` if that is not needed. */
  readonly backoff: PollBackoff | null;
}

/** An open GPU with everything that runs on it. Created by `open()`. */
export class Device {
  /** Seed and position of the device's random numbers; a program may set both. */
  readonly generator: Generator;
  /** How kernels are selected. */
  readonly tuneMode: TuneMode;
  /** Resolves, with the reason, when the device is lost; never rejects. */
  readonly lost: Promise<DeviceLostError>;
  /** Which kernel variants compute what. */
  readonly variants: VariantSelection<Device>;
  /** @internal */
  readonly gpu: Gpu;
  /** @internal */
  readonly observers: Observers = { runtime: null, pipelineCreated: null };
  /** @internal */
  readonly checks: GpuChecks;
  /** @internal */
  readonly stream: CommandStream;
  /** @internal */
  readonly pipelines: PipelineCache;
  /**
   * Set by `open()` if steps are to be reported.
   * @internal
   */
  reporter: StepReporter | null = null;
  /**
   * Incremented when a tensor moved to other memory or another variant may be selected: what was captured before is out
   * of date.
   * @internal
   */
  recordingVersion = 0;
  #pool: BufferPool;

  /** @internal */
  constructor({ gpu, generator, tuneMode, backoff }: DeviceParts) {
    this.gpu = gpu;
    this.generator = generator;
    this.tuneMode = tuneMode;
    this.lost = gpu.lost;
    this.variants = new VariantSelection<Device>(gpu.info, this, () => this.recordingVersion++);
    this.#pool = new BufferPool(gpu);
    this.checks = new GpuChecks(gpu);
    this.stream = new CommandStream(gpu, this.observers, backoff, this.checks);
    this.pipelines = new PipelineCache(gpu, this.observers);
  }

  /** The adapter. */
  get info(): AdapterInfo {
    return this.gpu.info;
  }

  /** WebGPU's limits of the device. */
  get limits(): GPUSupportedLimits {
    return this.gpu.limits;
  }

  /** WebGPU's optional features that the device uses. */
  get features(): ReadonlySet<string> {
    return this.gpu.features;
  }

  /** Bytes of the device's buffers. */
  get memory(): MemoryStats {
    return this.#pool.stats;
  }

  /**
   * The pool that new tensors are allocated from.
   * @internal
   */
  get pool(): BufferPool {
    return this.#pool;
  }

  /**
   * Runs `fn` (synchronous) with `pool` in place of the device's own.
   * @internal
   */
  withPool<T>(pool: BufferPool, fn: () => T): T {
    const own = this.#pool;
    this.#pool = pool;
    try {
      return fn();
    } finally {
      this.#pool = own;
    }
  }

  /**
   * Runs `fn` (synchronous) without its GPU work: kernels start to compile, but nothing is computed, written or copied,
   * and params that are functions are not evaluated.
   * @internal
   */
  rehearse(fn: () => void): void {
    this.stream.rehearse(() => {
      this.withPool(this.#pool.forkDry(), fn);
    });
  }

  /**
   * Appends one kernel to the stream. Throws `RangeError` when a dimension has more workgroups than WebGPU allows;
   * other mistakes are found once the kernel's source is loaded and are reported like errors of GPU work.
   * @internal
   */
  launch(launch: Launch): void {
    const { runtime: observer } = this.observers;
    const since = observer ? performance.now() : 0;
    this.#launch(launch);
    observer?.launched(launch.op, since);
  }

  #launch({ op, kernel, defines = {}, params = {}, views, workgroups, flops }: Launch): void {
    if (workgroups.some((n) => n > MAX_WORKGROUPS)) {
      throw new RangeError(
        `${op}: ${workgroups.join(' x ')} workgroups, expected at most ${MAX_WORKGROUPS} per dimension`,
      );
    }
    const pipeline = this.pipelines.get(kernel, defines);
    if (this.stream.rehearsing) return;
    const [values, refresh] = typeof params === 'function' ? [params(), params] : [params];
    this.stream.push({ kind: 'dispatch', op, pipeline, views, workgroups, params: values, flops, refresh });
  }

  /**
   * Runs recorded commands again; `params` are those that change from replay to replay.
   * @internal
   */
  replay(graph: RecordedGraph, params: readonly Params[]): void {
    const since = performance.now();
    this.stream.push({ kind: 'graph', graph, params });
    // A step is long enough for the GPU to start on it.
    this.stream.flush();
    this.observers.runtime?.launched('captured step', since);
  }

  /**
   * Reports that the step called `name` has ended (`WGRAD_DEBUG`).
   * @internal
   */
  endStep(name: string): void {
    if (!this.stream.rehearsing && !this.stream.recording) this.reporter?.endStep(name);
  }

  /** Waits until the GPU has finished all work so far. Throws the first error of that work. */
  async finish(): Promise<void> {
    await this.stream.finish();
    await this.reporter?.finish();
  }

  /** Closes the device and frees its memory. Everything pending rejects with `DeviceLostError`. */
  destroy(): void {
    this.gpu.destroy();
  }
}

let current: Device | null = null;

/** The device that factories use when no device is given. Throws before the first `open()`. */
export function defaultDevice(): Device {
  if (!current) throw new Error('no device is open: call `await open()` first');
  return current;
}

/** Makes `device` the one that factories use when no device is given. */
export function setDefaultDevice(device: Device): void {
  current = device;
}

/** Makes `device` the default unless another device is open. */
export function offerDefaultDevice(device: Device): void {
  if (!current || current.gpu.lostError) current = device;
}
