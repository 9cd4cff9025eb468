import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../src/device/errors';
import { add, mul } from '../../src/ops/elementwise/binary';
import { open } from '../../src/open';
import { defaultDevice, setDefaultDevice, type Device } from '../../src/runtime/device';
import { ones, rand, tensor, zeros } from '../../src/tensor/create/create';
import { testDevice } from '../support/device';

let shared: Device;
beforeAll(async () => {
  shared = await testDevice();
});
afterEach(() => {
  setDefaultDevice(shared);
});

describe('open', () => {
  it('reports adapter, limits and features', () => {
    const { info, limits, features } = shared;
    expect(['cpu', 'gpu']).toContain(info.kind);
    expect(`${info.vendor}${info.architecture}${info.device}${info.description}`).not.toBe('');
    expect(limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
    expect(limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
    expect(limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27);
    expect(features).toBeInstanceOf(Set);
    expect(info.subgroupSize > 0).toBe(features.has('subgroups') && info.subgroupSize > 0);
  });
  it('uses no feature that was not requested', async () => {
    const device = await open({ features: [] });
    expect([...device.features]).toEqual([]);
    expect(device.info.subgroupSize).toBe(0);
    device.destroy();
  });
  it('leaves the default device as it is', async () => {
    const second = await open();
    expect(defaultDevice()).toBe(shared);
    expect(ones([1]).device).toBe(shared);
    expect(ones([1], { device: second }).device).toBe(second);
    second.destroy();
  });
  it.each([-1, 0.5, NaN, 2 ** 53])('refuses the seed %d', async (seed) => {
    await expect(open({ seed })).rejects.toThrow(`seed: expected an integer >= 0, got ${seed}`);
  });
  it('keeps the tensors of two devices apart', async () => {
    const second = await open();
    const [here, there] = [ones([2]), ones([2], { device: second })];
    expect(() => add(here, there)).toThrow('add: its inputs are on different devices');
    expect(() => {
      here.copyFrom(there);
    }).toThrow('copyFrom: source is on another device');
    second.destroy();
  });
});

describe('a lost device', () => {
  /** Work of several batches, with kernels that are not compiled yet, and reads at several places of it. */
  function busy(device: Device): Promise<unknown>[] {
    const pending: Promise<unknown>[] = [];
    let x = rand([64, 64], { device });
    for (let i = 0; i < 300; i++) {
      x = add(x, 1);
      if (i % 60 === 0) pending.push(x.data());
    }
    pending.push(mul(x, x).data(), device.finish(), device.stream.throttle(1));
    return pending;
  }
  const reasons = async (pending: readonly Promise<unknown>[]): Promise<unknown[]> =>
    (await Promise.allSettled(pending)).map((result) =>
      result.status === 'rejected' ? (result.reason as unknown) : 'fulfilled',
    );

  it.each(['cold', 'warm'])('rejects all that is pending (%s)', async (state) => {
    const device = await open();
    if (state === 'warm') await Promise.all(busy(device));
    const pending = busy(device);
    device.destroy();
    for (const reason of await reasons(pending)) expect(reason).toBeInstanceOf(DeviceLostError);
  });
  it('rejects what waits for the GPU already', async () => {
    const device = await open();
    await Promise.all(busy(device));
    const pending = busy(device);
    await new Promise((resolve) => setTimeout(resolve, 1));
    device.destroy();
    const late = await reasons(pending);
    // What was done before the end may have been delivered.
    for (const reason of late) if (reason !== 'fulfilled') expect(reason).toBeInstanceOf(DeviceLostError);
  });
  it('takes no more work', async () => {
    const device = await open();
    const x = ones([2], { device });
    await device.finish();
    device.destroy();
    device.destroy();
    const lost = new DeviceLostError('destroyed', 'the GPU device was lost (destroyed): destroy() was called');
    expect(() => ones([2], { device })).toThrow(lost);
    expect(() => add(x, x)).toThrow(DeviceLostError);
    expect(() => {
      x.write(new Float32Array(2));
    }).toThrow(DeviceLostError);
    await expect(x.data()).rejects.toThrow(lost);
    await expect(device.finish()).rejects.toThrow(lost);
    await expect(device.gpu.lost).resolves.toEqual(lost);
    expect(device.gpu.lostError).toMatchObject({ name: 'DeviceLostError', reason: 'destroyed' });
  });
  it('still frees memory', async () => {
    const device = await open();
    const x = ones([2], { device });
    device.destroy();
    x.dispose();
    expect(device.memory.used).toBe(0);
  });
  it('is replaced as the default one by the next open()', async () => {
    const device = await open();
    setDefaultDevice(device);
    device.destroy();
    expect(() => zeros([1])).toThrow(DeviceLostError);
    const fresh = await open({ seed: 5 });
    expect(defaultDevice()).toBe(fresh);
    expect(await add(tensor([1, 2]), 1).data()).toEqual(new Float32Array([2, 3]));
    fresh.destroy();
  });
});
