import { openGpu, type AdapterInfo, type Gpu, type GpuOptions } from '../device/gpu';
import { inNode } from '../device/in-node';
import { Choices, readChoices, type ChoiceRecord } from './choices';
import type { Debug } from './debug';
import { debugLevel, type DebugLevel } from './debug-level';
import type { Doze } from './doze';
import { Generator } from './generator';
import type { Graph } from './graph';
import { MAX_GROUPS, type Launch } from './launch';
import { PipelineCache } from './pipelines';
import { BufferPool, type MemoryStats } from './pool';
import type { Watch } from './probe';
import { Stream } from './stream';
import { keptChoices } from './tune-cache';
import { tuneMode, type TuneMode } from './tune-mode';

export interface OpenOptions extends GpuOptions {
  /** Seed of the device's random numbers, an integer of up to 53 bits; default 0. */
  seed?: number;
  /** What to print while the program runs; default: what `WGRAD_DEBUG` says. */
  debug?: DebugLevel;
  /** Whether kernels are chosen by what was measured; default: what `WGRAD_TUNE` says. */
  tune?: TuneMode;
  /** What an earlier run's `device.choices.record()` gave: the same kernels again, in place of what this machine's cache says. */
  choices?: ChoiceRecord;
  /** Takes what `debug` prints; default `console.error`, so that a program's own output stays as it is. */
  log?: (text: string) => void;
}

export { linear } from './launch';

/** An open GPU with everything that runs on it. Made by `open()`. */
export class Device {
  #pool: BufferPool;
  /**
   * Counts the times that an existing tensor was moved to other memory, or that kernels were chosen anew: what was captured
   * before is out of date.
   */
  layoutVersion = 0;
  /** Which kernel computes what. */
  readonly choices: Choices;
  /** Who is told of what runs here. */
  readonly watch: Watch = { probe: null, created: null };
  readonly #debug: Debug | null;
  readonly stream: Stream;
  readonly pipelines: PipelineCache;

  constructor(
    readonly gpu: Gpu,
    readonly generator: Generator,
    readonly tuning: TuneMode,
    debug: ((device: Device) => Debug) | null,
    doze: Doze | null,
  ) {
    this.choices = new Choices(this);
    this.#pool = new BufferPool(gpu);
    this.stream = new Stream(gpu, this.watch, doze);
    this.pipelines = new PipelineCache(gpu, this.watch);
    this.#debug = debug && debug(this);
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

  /**
   * Runs `fn` (synchronous) without doing its GPU work: kernels begin to be compiled, but nothing is computed, written or
   * copied, and uniforms that change from run to run are not asked for.
   */
  rehearse(fn: () => void): void {
    const pool = this.#pool.fork();
    try {
      this.stream.rehearse(() => {
        this.withPool(pool, fn);
      });
    } finally {
      pool.close();
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
    if (this.stream.rehearsing) return;
    const [values, refresh] = typeof params === 'function' ? [params(), params] : [params];
    this.stream.push({ kind: 'dispatch', op, pipeline, views, groups, params: values, flops, refresh });
  }

  /** Hands one run of recorded commands to the queue. */
  replay(graph: Graph): void {
    const since = performance.now();
    this.stream.push({ kind: 'graph', graph, uniforms: graph.refresh() });
    // A step is long enough for the GPU to begin with it.
    this.stream.flush();
    this.watch.probe?.launched('captured step', since);
  }

  /** Tells `WGRAD_DEBUG` that a step has ended; `name` says which. */
  endStep(name: string): void {
    if (!this.stream.rehearsing) this.#debug?.endStep(name);
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
 * Throws `WebGPUUnavailableError` where there is no WebGPU or no adapter, `RangeError` for a bad seed, debug level or way to
 * tune, and `TypeError` for `choices` that are none.
 */
export async function open(options: OpenOptions = {}): Promise<Device> {
  const { seed = 0, log = console.error } = options;
  const generator = new Generator(seed);
  const level = debugLevel(options.debug);
  const tuning = tuneMode(options.tune);
  const recorded = options.choices && readChoices('open: choices', options.choices);
  const gpu = await openGpu(options);
  const debug = level > 0 ? await import('./debug') : null;
  // Only Node may block its thread.
  const doze = gpu.info.kind === 'cpu' && inNode() ? (await import('./doze')).dozeInNode() : null;
  const device = new Device(gpu, generator, tuning, debug && ((opened) => new debug.Debug(opened, level, log)), doze);
  const choices = recorded ?? (tuning === 'cached' ? await keptChoices(gpu.info) : null);
  if (choices) device.choices.adopt(choices);
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
