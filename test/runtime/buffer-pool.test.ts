import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Device } from '../../src/runtime/device';
import { BufferPool } from '../../src/runtime/memory/buffer-pool';
import { testDevice } from '../support/device';

let device: Device;
let pool: BufferPool;
beforeAll(async () => {
  device = await testDevice();
});
beforeEach(() => {
  pool = new BufferPool(device.gpu);
});

describe('reuse', () => {
  it('hands a freed buffer out again', () => {
    const first = pool.allocate(1000, 'test');
    first.release();
    const second = pool.allocate(1000, 'test');
    expect(second.buffer).toBe(first.buffer);
    expect(second.id).toBe(first.id);
    expect(second.references).toBe(1);
  });
  it('takes a buffer for any size of its step', () => {
    const { buffer } = pool.allocate(1000, 'test');
    pool.allocate(900, 'test').release();
    expect(pool.allocate(1024, 'test').buffer).not.toBe(buffer);
    expect(pool.stats.buffers).toBe(2);
  });
  it('never hands out a buffer that has an owner', () => {
    const storages = Array.from({ length: 20 }, () => pool.allocate(256, 'test'));
    expect(new Set(storages.map(({ buffer }) => buffer)).size).toBe(20);
    expect(new Set(storages.map(({ id }) => id)).size).toBe(20);
  });
  it('waits for the last of several owners', () => {
    const storage = pool.allocate(256, 'test');
    storage.retain();
    storage.release();
    expect(pool.allocate(256, 'test').buffer).not.toBe(storage.buffer);
    storage.release();
    expect(pool.allocate(256, 'test').buffer).toBe(storage.buffer);
  });
});

describe('sizes', () => {
  it.each([4, 256, 257, 1000, 4097, 100_000, 2 ** 20 + 4])('%d bytes lose at most a quarter', (bytes) => {
    const { size } = pool.allocate(bytes, 'test').buffer;
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size).toBeLessThanOrEqual(Math.max(256, 1.25 * bytes));
    expect(size % 4).toBe(0);
  });
  it.each([256, 512, 4096, 2 ** 20])('%d bytes lose nothing', (bytes) => {
    expect(pool.allocate(bytes, 'test').buffer.size).toBe(bytes);
  });
});

describe('accounts', () => {
  it('count what exists, what is in use and the most that ever was', () => {
    expect(pool.stats).toEqual({ allocated: 0, used: 0, peak: 0, buffers: 0 });
    const a = pool.allocate(512, 'test');
    const b = pool.allocate(256, 'test');
    expect(pool.stats).toEqual({ allocated: 768, used: 768, peak: 768, buffers: 2 });
    a.release();
    expect(pool.stats).toEqual({ allocated: 768, used: 256, peak: 768, buffers: 2 });
    pool.allocate(512, 'test');
    b.release();
    expect(pool.stats).toEqual({ allocated: 768, used: 512, peak: 768, buffers: 2 });
  });
  it('stay flat over many rounds of the same sizes', () => {
    for (let round = 0; round < 100; round++) {
      const held = [300, 5000, 300, 70_000].map((bytes) => pool.allocate(bytes, 'test'));
      for (const storage of held) storage.release();
    }
    expect(pool.stats.buffers).toBe(4);
    expect(pool.stats.used).toBe(0);
    expect(pool.stats.allocated).toBe(pool.stats.peak);
  });
});

describe('errors', () => {
  it('a buffer freed twice', () => {
    const storage = pool.allocate(256, 'test');
    storage.release();
    expect(() => {
      storage.release();
    }).toThrow('a buffer was freed twice');
    expect(pool.stats.used).toBe(0);
  });
  it('a freed buffer that is used', () => {
    const storage = pool.allocate(256, 'test');
    storage.release();
    expect(() => storage.retain()).toThrow('a freed buffer was used');
  });
  it('more than the adapter allows', () => {
    const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    expect(() => pool.allocate(most + 4, 'conv2d')).toThrow(
      new RangeError(`conv2d: expected at most ${most} bytes per buffer on this adapter, got ${most + 4}`),
    );
    expect(pool.stats).toEqual({ allocated: 0, used: 0, peak: 0, buffers: 0 });
  });
});
