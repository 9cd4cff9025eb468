import { DeviceLostError, GpuError } from '../device/errors';
import { BufferUsage, MAP_READ } from '../device/flags';
import type { Gpu } from '../device/gpu';
import type { Command, StreamCommand } from './commands';
import { Encoder } from './encoder';
import type { Pipeline } from './pipelines';
import type { Storage } from './pool';

export type { BufferView, Command, DispatchCommand } from './commands';

const FLUSH_AFTER = 128;
/** Milliseconds between the failure that a lost device causes and the news that it is lost, at most. */
const GRACE = 50;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Someone who waits for results: an error that turns up meanwhile is theirs too. */
interface Waiter {
  error: Error | null;
}

/** The host's queue of GPU work: commands are gathered and handed over in batches, in order. */
export class Stream {
  readonly #gpu: Gpu;
  readonly #encoder: Encoder;
  #pending: StreamCommand[] = [];
  #recording: Command[] | null = null;
  /** Set while a batch waits for its pipelines to compile; later batches queue behind it. */
  #tail: Promise<void> | null = null;
  #failure: Error | null = null;
  #inFlight: Promise<unknown>[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #onLost = new Set<(error: DeviceLostError) => void>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#encoder = new Encoder(gpu);
    void gpu.lost.then((error) => {
      for (const reject of this.#onLost) reject(error);
    });
  }

  /** Appends a command; every so many, the batch goes to the queue. */
  push(command: StreamCommand): void {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    if (this.#recording) {
      if (command.kind === 'graph') throw new Error('capture: a captured step cannot be called inside another');
      this.#recording.push(command);
    }
    this.#pending.push(command);
    if (this.#pending.length >= FLUSH_AFTER) this.flush();
  }

  /** Runs `fn` (synchronous) and returns what it pushed, which is carried out as well. Throws when it is called inside itself. */
  record(fn: () => void): Command[] {
    if (this.#recording) throw new Error('capture: a step is being captured already');
    const commands: Command[] = [];
    this.#recording = commands;
    try {
      fn();
    } finally {
      this.#recording = null;
    }
    return commands;
  }

  /** Hands everything over to the queue (at once, or as soon as its pipelines are compiled). */
  flush(): void {
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    const compiling = new Map<Pipeline, string>();
    for (const command of batch) {
      const dispatches =
        command.kind === 'graph' ? command.graph.pipelines() : command.kind === 'dispatch' ? [command] : [];
      for (const { pipeline, op } of dispatches) if (!pipeline.ready) compiling.set(pipeline, op);
    }
    if (!this.#tail && compiling.size === 0) {
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
        await this.#unlessLost(pipeline.compiled);
      } catch (error) {
        const found = asError(error);
        this.#failure ??=
          found instanceof DeviceLostError ? found : new GpuError(`${op}: ${found.message}`, { cause: found });
      }
    }
    // A kernel that does not compile takes no other op's work along.
    this.#execute(batch.filter((command) => command.kind !== 'dispatch' || command.pipeline.ready));
  }

  /** Hands a batch to the queue. A failure is kept for whoever waits for results: this caller may have no part in it. */
  #execute(batch: readonly StreamCommand[]): void {
    if (this.#gpu.lostError) return;
    try {
      this.#encoder.submit(batch);
    } catch (error) {
      this.#failure ??= asError(error);
    }
    const ended = (): void => {
      this.#inFlight = this.#inFlight.filter((other) => other !== done);
    };
    // Of a lost device, whoever waits for a result learns from `gpu.lost`.
    const done: Promise<unknown> = this.#gpu.device.queue.onSubmittedWorkDone().then(ended, ended);
    this.#inFlight.push(done);
  }

  /** Waits until at most `batches` batches are unfinished on the GPU, so that a fast host does not run far ahead. */
  async throttle(batches: number): Promise<void> {
    this.flush();
    await this.#watched(async () => {
      await this.#handedOver();
      while (this.#inFlight.length > batches) await this.#unlessLost(this.#inFlight[0]);
    });
  }

  /** Waits until the GPU has finished everything; throws the first error of that work. */
  async finish(): Promise<void> {
    await this.throttle(0);
  }

  /** Copies `bytes` bytes of a storage buffer to the host once all work before this call is done. */
  async read(storage: Storage, offset: number, bytes: number): Promise<ArrayBuffer> {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
    if (this.#recording) throw new Error('data: a tensor cannot be read while a step is captured');
    const staging = this.#gpu.device.createBuffer({
      label: 'readback',
      size: bytes,
      usage: BufferUsage.COPY_DST | MAP_READ,
    });
    try {
      this.push({ kind: 'copy', from: storage.buffer, fromOffset: offset, to: staging, toOffset: 0, bytes });
      this.flush();
      await this.#watched(async () => {
        await this.#handedOver();
        await this.#unlessLost(staging.mapAsync(MAP_READ));
      });
      return staging.getMappedRange().slice(0);
    } finally {
      staging.destroy();
    }
  }

  /** Calls `fn` once everything pushed so far has been handed over to the queue. */
  afterHandover(fn: () => void): void {
    this.flush();
    if (this.#tail) void this.#tail.then(fn);
    else fn();
  }

  async #handedOver(): Promise<void> {
    while (this.#tail) await this.#tail;
  }

  /** Runs `work`; throws the first error that was kept before or that turned up meanwhile. */
  async #watched(work: () => Promise<void>): Promise<void> {
    const me: Waiter = { error: null };
    this.#waiters.add(me);
    let failure: Error | null = null;
    try {
      await work();
    } catch (error) {
      failure = asError(error);
    }
    this.#tellWaiters();
    this.#waiters.delete(me);
    // What the GPU reported says more than what then failed.
    const error = me.error ?? failure;
    if (error) throw error;
  }

  #tellWaiters(): void {
    const reported = this.#gpu.takeErrors();
    const error = this.#failure ?? this.#gpu.lostError ?? reported.at(0);
    this.#failure = null;
    if (!error) return;
    for (const waiter of this.#waiters) waiter.error ??= error;
  }

  /** `work`, or the rejection with `DeviceLostError` as soon as the device is lost. */
  async #unlessLost<T>(work: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        if (this.#gpu.lostError) reject(this.#gpu.lostError);
        this.#onLost.add(reject);
        work.then(resolve, reject).finally(() => this.#onLost.delete(reject));
      });
    } catch (error) {
      if (error instanceof DeviceLostError || error instanceof GpuError) throw error;
      const late = await Promise.race([
        this.#gpu.lost,
        new Promise<null>((resolve) => setTimeout(resolve, GRACE, null)),
      ]);
      throw late ?? error;
    }
  }
}
