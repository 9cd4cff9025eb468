import { DeviceLostError } from '../device/errors';
import { BufferUsage, MAP_READ } from '../device/flags';
import type { Gpu } from '../device/gpu';
import { packParams, type Params } from './params';
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
  /** Makes the uniforms of another run, where they change (learning rate, random counter). */
  readonly refresh?: () => Params;
}

interface WriteCommand {
  readonly kind: 'write';
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly data: Uint8Array;
}

interface CopyCommand {
  readonly kind: 'copy';
  readonly from: GPUBuffer;
  readonly fromOffset: number;
  readonly to: GPUBuffer;
  readonly toOffset: number;
  readonly bytes: number;
}

export type Command = DispatchCommand | WriteCommand | CopyCommand;

/** Uniform offsets are multiples of this (the WebGPU default of minUniformBufferOffsetAlignment). */
const UNIFORM_ALIGN = 256;
const UNIFORM_BYTES = 256 * 1024;
const FLUSH_AFTER = 128;
const MAX_BIND_GROUPS = 8192;

const align = (n: number): number => Math.ceil(n / UNIFORM_ALIGN) * UNIFORM_ALIGN;

/** The host's queue of GPU work: commands are gathered and handed over in batches, in order. */
export class Stream {
  readonly #gpu: Gpu;
  readonly #uniforms: GPUBuffer;
  readonly #uniformBytes = new Uint8Array(UNIFORM_BYTES);
  readonly #uniformView = new DataView(this.#uniformBytes.buffer);
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  #pending: Command[] = [];
  /** Set while a batch waits for its pipelines to compile; later batches queue behind it. */
  #tail: Promise<void> | null = null;
  #failure: Error | null = null;
  #inFlight: Promise<unknown>[] = [];
  readonly #waiting = new Set<(error: DeviceLostError) => void>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#uniforms = gpu.device.createBuffer({
      label: 'uniforms',
      size: UNIFORM_BYTES,
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
    void gpu.lost.then((error) => {
      for (const reject of this.#waiting) reject(error);
    });
  }

  /** Appends a command; every so many, the batch goes to the queue. */
  push(command: Command): void {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    this.#pending.push(command);
    if (this.#pending.length >= FLUSH_AFTER) this.flush();
  }

  /** Hands everything over to the queue (at once, or as soon as its pipelines are compiled). */
  flush(): void {
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    const waiting = new Set<Promise<void>>();
    for (const command of batch) {
      if (command.kind === 'dispatch' && !command.pipeline.ready) waiting.add(command.pipeline.compiled);
    }
    if (!this.#tail && waiting.size === 0) {
      this.#execute(batch);
      return;
    }
    const tail = this.#executeLater(batch, this.#tail, waiting).finally(() => {
      if (this.#tail === tail) this.#tail = null;
    });
    this.#tail = tail;
  }

  async #executeLater(
    batch: readonly Command[],
    before: Promise<void> | null,
    waiting: Iterable<Promise<void>>,
  ): Promise<void> {
    if (before) await before;
    try {
      await Promise.all(waiting);
      this.#execute(batch);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Waits until at most `batches` batches are unfinished on the GPU, so that a fast host does not run far ahead. */
  async throttle(batches: number): Promise<void> {
    this.flush();
    while (this.#tail) await this.#tail;
    while (this.#inFlight.length > batches) await this.#inFlight[0];
    this.#throwErrors();
  }

  /** Waits until the GPU has finished everything; throws the first error of that work. */
  async finish(): Promise<void> {
    await this.throttle(0);
  }

  /** Copies `bytes` bytes of a storage buffer to the host once all work before this call is done. */
  async read(storage: Storage, offset: number, bytes: number): Promise<ArrayBuffer> {
    const padded = Math.ceil(bytes / 4) * 4;
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    const staging = this.#gpu.device.createBuffer({
      label: 'readback',
      size: padded,
      usage: BufferUsage.COPY_DST | MAP_READ,
    });
    this.push({ kind: 'copy', from: storage.buffer, fromOffset: offset, to: staging, toOffset: 0, bytes: padded });
    this.flush();
    while (this.#tail) await this.#tail;
    try {
      await this.#unlessLost(staging.mapAsync(MAP_READ));
      this.#throwErrors();
      return staging.getMappedRange().slice(0, bytes);
    } finally {
      staging.destroy();
    }
  }

  /** Bind groups kept for reuse; also dropped when there are very many. */
  #bindGroup(pipeline: Pipeline, views: readonly BufferView[]): GPUBindGroup {
    let key = `${pipeline.layout.label}|${pipeline.params?.size ?? 0}`;
    for (const { storage, offset, size } of views) key += `;${storage.id},${offset},${size}`;
    let group = this.#bindGroups.get(key);
    if (!group) {
      if (this.#bindGroups.size >= MAX_BIND_GROUPS) this.#bindGroups.clear();
      group = this.#gpu.device.createBindGroup({
        label: pipeline.name,
        layout: pipeline.layout,
        entries: [
          ...(pipeline.params
            ? [{ binding: 0, resource: { buffer: this.#uniforms, size: pipeline.params.size } }]
            : []),
          ...views.map(({ storage, offset, size }, i) => ({
            binding: i + 1,
            resource: { buffer: storage.buffer, offset, size },
          })),
        ],
      });
      this.#bindGroups.set(key, group);
    }
    return group;
  }

  #execute(batch: readonly Command[]): void {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    const { device } = this.#gpu;
    let encoder: GPUCommandEncoder | null = null;
    let pass: GPUComputePassEncoder | null = null;
    let used = 0;
    const endPass = (): void => {
      pass?.end();
      pass = null;
    };
    const submit = (): void => {
      endPass();
      if (used > 0) device.queue.writeBuffer(this.#uniforms, 0, this.#uniformBytes, 0, used);
      if (encoder) device.queue.submit([encoder.finish()]);
      encoder = null;
      used = 0;
    };
    for (const command of batch) {
      if (command.kind === 'write') {
        submit();
        device.queue.writeBuffer(command.buffer, command.offset, command.data as BufferSource);
        continue;
      }
      if (command.kind === 'dispatch' && used + align(command.pipeline.params?.size ?? 0) > UNIFORM_BYTES) submit();
      encoder ??= device.createCommandEncoder();
      if (command.kind === 'copy') {
        endPass();
        encoder.copyBufferToBuffer(command.from, command.fromOffset, command.to, command.toOffset, command.bytes);
        continue;
      }
      const { pipeline, views, groups } = command;
      if (!pipeline.ready) throw new Error(`${command.op}: its pipeline was not compiled`);
      pass ??= encoder.beginComputePass();
      pass.setPipeline(pipeline.ready);
      const group = this.#bindGroup(pipeline, views);
      if (pipeline.params) {
        packParams(pipeline.params, command.params, this.#uniformView, used);
        pass.setBindGroup(0, group, [used]);
        used += align(pipeline.params.size);
      } else pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...groups);
    }
    submit();
    const done: Promise<unknown> = device.queue.onSubmittedWorkDone().then(
      () => this.#inFlight.splice(this.#inFlight.indexOf(done), 1),
      // A lost device: the error itself comes from `gpu.lost` to whoever waits for a result.
      () => this.#inFlight.splice(this.#inFlight.indexOf(done), 1),
    );
    this.#inFlight.push(done);
  }

  /** `work`, or the rejection with `DeviceLostError` as soon as the device is lost. */
  async #unlessLost<T>(work: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.add(reject);
        work.then(resolve, reject).finally(() => this.#waiting.delete(reject));
      });
    } catch (error) {
      if (error instanceof DeviceLostError) throw error;
      // The rejection of a mapping can come a moment before the news that the device is lost.
      const late = await Promise.race([this.#gpu.lost, new Promise<null>((resolve) => setTimeout(resolve, 50, null))]);
      throw late ?? error;
    }
  }

  #throwErrors(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    const errors = this.#gpu.takeErrors();
    if (errors.length > 0) throw errors[0];
  }
}
