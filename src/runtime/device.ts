import { openGpu, type AdapterInfo, type Gpu, type GpuOptions } from '../device/gpu';
import { Debug, debugLevel, type DebugLevel } from './debug';
import type { Graph } from './graph';
import type { Params } from './params';
import { PipelineCache, type Kernel } from './pipelines';
import { BufferPool, type MemoryStats } from './pool';
import type { Watch } from './probe';
import { Stream, type BufferView } from './stream';
import type { Defines } from './template';

export interface OpenOptions extends GpuOptions {
  /** Seed of the device's random numbers, an integer of up to 53 bits; default 0. */
  seed?: number;
  /** What to print while the program runs; default: what `WGRAD_DEBUG` says. */
  debug?: DebugLevel;
  /** Takes what `debug` prints; default `console.error`, so that a program's own output stays as it is. */
  log?: (text: string) => void;
}

/** One kernel launch. */
export interface Launch {
  /** The op, for error messages and the profiler. */
  op: string;
  kernel: Kernel;
  defines?: Defines;
  /** The uniforms; a function where they differ from one run of a captured step to the next (learning rate, counter). */
  params?: Params | (() => Params);
  /** Storage buffers in the order of the kernel's bindings 1, 2, … */
  views: readonly BufferView[];
  /** Workgroups in x, y and z; see `linear()` for one long row of them. */
  groups: readonly [number, number, number];
  /** Arithmetic operations that the result takes (a multiply-add is two), for the profiler. */
  flops?: number;
}

/** WebGPU's limit on workgroups in a dimension. */
const MAX_GROUPS = 65535;

/** `groups` workgroups in a row, folded into two dimensions: a kernel's number is `id.x + id.y * num_workgroups.x`. */
export function linear(groups: number): [number, number, number] {
  if (groups <= MAX_GROUPS) return [groups, 1, 1];
  const y = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / y), y, 1];
}

/** A position in the device's stream of random numbers: seed and counter of Philox. */
export class Generator {
  /** Counter of the next block of four 32-bit numbers. */
  offset = 0;
  constructor(public seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed: an integer >= 0 is wanted, got ${seed}`);
  }

  /** Takes as many blocks as `count` numbers need; returns the counter of the first. */
  take(count: number): number {
    const first = this.offset;
    this.offset += Math.ceil(count / 4);
    return first;
  }
}

/** An open GPU with everything that runs on it. Made by `open()`. */
export class Device {
  #pool: BufferPool;
  /** Counts the times that an existing tensor was moved to other memory: what was captured before is out of date. */
  layoutVersion = 0;
  /** Who is told of what runs here. */
  readonly watch: Watch = { probe: null, created: null };
  readonly #debug: Debug | null;
  readonly stream: Stream;
  readonly pipelines: PipelineCache;

  constructor(
    readonly gpu: Gpu,
    readonly generator: Generator,
    debug: { level: DebugLevel; log: (text: string) => void } | null = null,
  ) {
    this.#pool = new BufferPool(gpu);
    this.stream = new Stream(gpu, this.watch);
    this.pipelines = new PipelineCache(gpu, this.watch);
    this.#debug = debug && new Debug(this, debug.level, debug.log);
  }

  get info(): AdapterInfo {
    return this.gpu.info;
  }

  get limits(): GPUSupportedLimits {
    return this.gpu.limits;
  }

  get features(): ReadonlySet<string> {
    return this.gpu.features;
  }

  get memory(): MemoryStats {
    return this.#pool.stats;
  }

  /** Where new tensors come from at this moment. */
  get pool(): BufferPool {
    return this.#pool;
  }

  /** Runs `fn` (synchronous) with `pool` in the place of the device's own. */
  withPool<T>(pool: BufferPool, fn: () => T): T {
    const own = this.#pool;
    this.#pool = pool;
    try {
      return fn();
    } finally {
      this.#pool = own;
    }
  }

  /** Appends one kernel to the stream. Throws `RangeError` when a dimension has more workgroups than WebGPU allows. */
  launch(launch: Launch): void {
    const { probe } = this.watch;
    const since = probe ? performance.now() : 0;
    this.#launch(launch);
    probe?.launched(launch.op, since);
  }

  #launch({ op, kernel, defines = {}, params = {}, views, groups, flops }: Launch): void {
    if (groups.some((n) => n > MAX_GROUPS)) {
      throw new RangeError(
        `${op}: ${groups.join(' x ')} workgroups, at most ${MAX_GROUPS} a dimension can be launched`,
      );
    }
    const pipeline = this.pipelines.get(kernel, defines);
    if (pipeline.storages !== views.length) {
      throw new Error(`${op}: kernel ${kernel.name} binds ${pipeline.storages} buffers, got ${views.length}`);
    }
    const [values, refresh] = typeof params === 'function' ? [params(), params] : [params];
    this.stream.push({ kind: 'dispatch', op, pipeline, views, groups, params: values, flops, refresh });
  }

  /** Appends one run of recorded commands to the stream. */
  replay(graph: Graph): void {
    const since = performance.now();
    this.stream.push({ kind: 'graph', graph, uniforms: graph.refresh() });
    this.watch.probe?.launched('captured step', since);
  }

  /** Tells `WGRAD_DEBUG` that a step has ended; `name` says which. */
  endStep(name: string): void {
    this.#debug?.endStep(name);
  }

  /** Waits until the GPU has finished everything that was asked of it. Throws the first error of that work. */
  async finish(): Promise<void> {
    await this.stream.finish();
    if (this.#debug) await this.#debug.finish();
  }

  /** Ends the device. What is still pending rejects with `DeviceLostError`. */
  destroy(): void {
    this.gpu.destroy();
  }
}

let current: Device | null = null;

/**
 * Opens a WebGPU device; the first one opened is the default one of every factory.
 * Throws `WebGPUUnavailableError` where there is no WebGPU or no adapter, and `RangeError` for a bad seed or debug level.
 */
export async function open(options: OpenOptions = {}): Promise<Device> {
  const { seed = 0, log = console.error } = options;
  const generator = new Generator(seed);
  const level = debugLevel(options.debug);
  const device = new Device(await openGpu(options), generator, level > 0 ? { level, log } : null);
  if (!current || current.gpu.lostError) current = device;
  return device;
}

/** The device that factories use when none is given. Throws before the first `open()`. */
export function defaultDevice(): Device {
  if (!current) throw new Error('no device is open: call `await open()` first');
  return current;
}

/** Makes `device` the one that factories use when none is given. */
export function setDefaultDevice(device: Device): void {
  current = device;
}
