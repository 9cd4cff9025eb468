import { BufferUsage, MAP_READ } from '../device/webgpu-flags';

/** WebGPU's limit on the queries of a set. */
const QUERIES = 4096;
const BYTES = 8;

interface Page {
  readonly set: GPUQuerySet;
  readonly resolved: GPUBuffer;
  readonly staging: GPUBuffer;
  used: number;
}

/** A period of GPU time, in milliseconds of the GPU's own clock. */
export interface Ticks {
  readonly begin: number;
  readonly end: number;
}

/** The times that the GPU writes at the beginning and end of each pass; needs the feature `timestamp-query`. */
export class Timestamps {
  readonly #device: GPUDevice;
  #pages: Page[] = [];
  readonly #free: Page[] = [];
  /**
   * The first time that was read; times are stored relative to it, because nanoseconds since the machine's start exceed
   * 2^53.
   */
  #origin: bigint | null = null;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  #page(): Page {
    const last = this.#pages.at(-1);
    if (last && last.used < QUERIES) return last;
    const page = this.#free.pop() ?? this.#create();
    this.#pages.push(page);
    return page;
  }

  #create(): Page {
    const label = 'timestamps';
    const size = QUERIES * BYTES;
    return {
      set: this.#device.createQuerySet({ label, type: 'timestamp', count: QUERIES }),
      resolved: this.#device.createBuffer({ label, size, usage: BufferUsage.QUERY_RESOLVE | BufferUsage.COPY_SRC }),
      staging: this.#device.createBuffer({ label, size, usage: BufferUsage.COPY_DST | BufferUsage.MAP_READ }),
      used: 0,
    };
  }

  /** Where the next pass writes its times. */
  next(): GPUComputePassTimestampWrites {
    const page = this.#page();
    const first = page.used;
    page.used += 2;
    return { querySet: page.set, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
  }

  /** The times of all passes since the last call, which must have been submitted. Rejects when the device is lost. */
  async take(): Promise<Ticks[]> {
    const pages = this.#pages;
    this.#pages = [];
    if (pages.length === 0) return [];
    const encoder = this.#device.createCommandEncoder({ label: 'timestamps' });
    for (const { set, resolved, staging, used } of pages) {
      encoder.resolveQuerySet(set, 0, used, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, used * BYTES);
    }
    this.#device.queue.submit([encoder.finish()]);
    const parts = await Promise.all(pages.map((page) => this.#read(page)));
    return parts.flat();
  }

  async #read(page: Page): Promise<Ticks[]> {
    const { staging, used } = page;
    await staging.mapAsync(MAP_READ, 0, used * BYTES);
    const times = new BigUint64Array(staging.getMappedRange(0, used * BYTES));
    const origin = (this.#origin ??= times[0]);
    const ms = Array.from(times, (time) => Number(time - origin) / 1e6);
    staging.unmap();
    page.used = 0;
    this.#free.push(page);
    // Some GPUs reset their clock; no pass may end before it begins.
    return Array.from({ length: used / 2 }, (_, i) => ({
      begin: ms[2 * i],
      end: Math.max(ms[2 * i], ms[2 * i + 1]),
    }));
  }

  dispose(): void {
    for (const { set, resolved, staging } of [...this.#pages, ...this.#free]) {
      set.destroy();
      resolved.destroy();
      staging.destroy();
    }
  }
}
