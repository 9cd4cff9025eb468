import { BufferUsage, MAP_READ } from '../../device/webgpu-flags';
import type { Gpu } from '../../device/gpu';
import { compilingIn, notReady, type Command, type StreamCommand } from './commands';
import type { PollBackoff } from './poll-backoff.lazy';
import { GpuChecks } from '../gpu-checks';
import { Encoder } from './encoder';
import { Failures } from './failures';
import { SubmittedBatches } from './submitted-batches';
import type { Pipeline } from '../kernels/kernel';
import type { Storage } from '../memory/storage';
import type { RuntimeObserver, Observers } from '../observer';

export type { BufferView, Command, DispatchCommand } from './commands';

/** Commands of a full batch. */
const FLUSH_AFTER = 128;

/** The host's queue of GPU work: commands are gathered and submitted in batches, in order. */
export class CommandStream {
  readonly #gpu: Gpu;
  readonly #observers: Observers;
  readonly #checks: GpuChecks;
  readonly #encoder: Encoder;
  readonly #failures: Failures;
  #pending: StreamCommand[] = [];
  #recording: ((command: Command) => void) | null = null;
  #rehearsing = false;
  /** Set while a batch waits for its pipelines to compile; later batches wait for that batch. */
  #tail: Promise<void> | null = null;
  readonly #submitted: SubmittedBatches;

  constructor(gpu: Gpu, observers: Observers, backoff: PollBackoff | null, checks = new GpuChecks(gpu)) {
    this.#gpu = gpu;
    this.#checks = checks;
    this.#observers = observers;
    this.#failures = new Failures(gpu, backoff);
    this.#encoder = new Encoder(gpu, (error) => {
      this.#failures.report(error);
    });
    this.#submitted = new SubmittedBatches(gpu, this.#failures);
  }

  /** Whether what is pushed goes to a captured step in place of the GPU. */
  get recording(): boolean {
    return this.#recording !== null;
  }

  /** Whether what is pushed is dropped. */
  get rehearsing(): boolean {
    return this.#rehearsing;
  }

  /** Appends a command; a full batch is submitted. */
  push(command: StreamCommand): void {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    if (this.#rehearsing) return;
    if (this.#recording) {
      if (command.kind !== 'graph') this.#recording(command);
      return;
    }
    this.#pending.push(command);
    if (this.#pending.length >= FLUSH_AFTER) this.flush();
  }

  /** Runs `fn` (synchronous); what it pushes goes to `take` in place of the GPU. */
  record(take: (command: Command) => void, fn: () => void): void {
    const before = this.#recording;
    this.#recording = take;
    try {
      fn();
    } finally {
      this.#recording = before;
    }
  }

  /** Runs `fn` (synchronous) and drops what it pushes. */
  rehearse(fn: () => void): void {
    const before = this.#rehearsing;
    this.#rehearsing = true;
    try {
      fn();
    } finally {
      this.#rehearsing = before;
    }
  }

  /** Submits everything pushed so far (now, or as soon as its pipelines are compiled). */
  flush(): void {
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    const compiling = compilingIn(batch);
    if (!this.#tail && compiling.size === 0 && this.#observers.runtime?.timing !== 'alone') {
      this.#execute(batch);
      return;
    }
    const tail = this.#executeLater(batch, this.#tail, compiling).finally(() => {
      if (this.#tail === tail) this.#tail = null;
    });
    this.#tail = tail;
  }

  async #executeLater(
    batch: readonly StreamCommand[],
    before: Promise<void> | null,
    compiling: ReadonlyMap<Pipeline, string>,
  ): Promise<void> {
    if (before) await before;
    for (const [pipeline, op] of compiling) {
      try {
        await this.#failures.unlessLost(pipeline.compiled);
      } catch (error) {
        this.#failures.report(error, op);
      }
    }
    // A kernel that does not compile does not stop the work of other ops.
    const sound = batch.filter((command) => notReady(command).length === 0);
    const { runtime: observer } = this.#observers;
    if (observer?.timing === 'alone') await this.#executeAlone(sound, observer);
    else this.#execute(sound);
  }

  /**
   * Submits a batch. An error is reported to those who wait for results: the caller here may have nothing to do with
   * it.
   */
  #execute(batch: readonly StreamCommand[]): void {
    if (this.#gpu.lostError) return;
    try {
      this.#encoder.submit(batch, this.#observers.runtime);
    } catch (error) {
      this.#failures.report(error);
    }
    this.#submitted.add();
  }

  /** Like `#execute`, but waits for the GPU after each command. */
  async #executeAlone(batch: readonly StreamCommand[], observer: RuntimeObserver): Promise<void> {
    if (this.#gpu.lostError) return;
    const run = this.#encoder.run(batch, observer);
    try {
      while (!run.next().done) {
        await this.#failures.unlessLost(this.#gpu.device.queue.onSubmittedWorkDone());
        observer.finished();
      }
    } catch (error) {
      this.#failures.report(error);
    }
  }

  /**
   * Waits until at most `batches` submitted batches are unfinished, so that the host does not run far ahead of the GPU.
   */
  async throttle(batches: number): Promise<void> {
    this.flush();
    await this.#failures.guard(async () => {
      await this.#allSubmitted();
      await this.#submitted.downTo(batches);
    });
  }

  /** Waits until the GPU has finished everything; throws the first error of that work. */
  async finish(): Promise<void> {
    await this.throttle(0);
  }

  /** Copies `bytes` bytes of a storage buffer to the host once all work before this call is done. Throws what that found wrong. */
  async read(storage: Storage, offset: number, bytes: number): Promise<ArrayBuffer> {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    const staging = this.#gpu.device.createBuffer({
      label: 'readback',
      size: bytes + this.#checks.bytes,
      usage: BufferUsage.COPY_DST | MAP_READ,
    });
    try {
      const { buffer: from } = storage;
      this.push({ kind: 'copy', from, fromOffset: offset, to: staging, toOffset: 0, bytes, storages: [storage] });
      if (staging.size > bytes) {
        const { storage: words, size } = this.#checks.view;
        const toOffset = bytes;
        this.push({
          kind: 'copy',
          from: words.buffer,
          fromOffset: 0,
          to: staging,
          toOffset,
          bytes: size,
          storages: [words],
        });
      }
      this.flush();
      await this.#failures.guard(async () => {
        await this.#allSubmitted();
        const done = this.#submitted.mark();
        await this.#failures.unlessLost(staging.mapAsync(MAP_READ));
        done();
      });
      const mapped = staging.getMappedRange();
      this.#checks.inspect(new Uint32Array(mapped, bytes));
      return mapped.slice(0, bytes);
    } finally {
      staging.destroy();
    }
  }

  /** Calls `fn` once everything pushed so far has been submitted. */
  afterSubmit(fn: () => void): void {
    this.flush();
    if (this.#tail) void this.#tail.then(fn);
    else fn();
  }

  async #allSubmitted(): Promise<void> {
    while (this.#tail) await this.#tail;
  }
}
