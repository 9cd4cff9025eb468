import { beforeAll, describe, expect, it } from 'vitest';
import { GpuError } from '../../src/device/errors';
import { Encoder } from '../../src/runtime/stream/encoder';
import type { Device } from '../../src/runtime/device';
import type { DispatchCommand } from '../../src/runtime/stream/command-stream';
import { arange, full, zeros } from '../../src/tensor/create/create';
import { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { inlineKernel } from '../support/kernel';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** y[0] = y[0] · a + b: the result shows in which order such steps ran. */
const STEP_WGSL = `
struct Params { a: f32, b: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = y[0] * params.a + params.b; }`;
const STEP = inlineKernel('step', STEP_WGSL);
const step = (y: Tensor, a: number, b: number) => {
  device.launch({ op: 'step', kernel: STEP, params: { a, b }, views: [y.view], workgroups: [1, 1, 1] });
};

describe('order', () => {
  it('is that of the calls, for writes, kernels, copies and reads', async () => {
    const y = zeros([1]);
    const copy = zeros([1]);
    step(y, 1, 2);
    y.write(new Float32Array([10]));
    step(y, 2, 1);
    copy.copyFrom(y);
    step(y, 3, 0);
    const first = y.item();
    y.write(new Float32Array([5]));
    step(y, 1, 1);
    expect([await first, await copy.item(), await y.item()]).toEqual([63, 21, 6]);
  });
  it('holds over many batches', async () => {
    const y = zeros([1]);
    // Modulo 8191, which float32 computes exactly.
    let expected = 0;
    for (let i = 0; i < 1000; i++) {
      const b = (i * 7) % 100;
      step(y, 2, b - (2 * expected + b >= 8191 ? 8191 * Math.floor((2 * expected + b) / 8191) : 0));
      expected = (2 * expected + b) % 8191;
    }
    expect(await y.item()).toBe(expected);
  });
  it('holds while a kernel is compiled', async () => {
    const cold = inlineKernel('cold', `${STEP_WGSL} // ${crypto.randomUUID()}`);
    const y = zeros([1]);
    step(y, 0, 1);
    device.launch({ op: 'cold', kernel: cold, params: { a: 10, b: 0 }, views: [y.view], workgroups: [1, 1, 1] });
    const early = y.item();
    for (let i = 0; i < 300; i++) step(y, 1, 1);
    expect([await early, await y.item()]).toEqual([10, 310]);
  });
  it('lets each read see the moment of its call', async () => {
    const y = zeros([1]);
    const reads = Array.from({ length: 50 }, () => {
      step(y, 1, 1);
      return y.item();
    });
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });
  it('copies what a write was given, not what becomes of it', async () => {
    const y = zeros([2]);
    const data = new Float32Array([1, 2]);
    y.write(data);
    data.fill(9);
    expect(await y.data()).toEqual(new Float32Array([1, 2]));
  });
});

describe('large dispatches', () => {
  it('of more than 65,535 workgroups reach every element', async () => {
    const n = 65535 * 64 + 1000;
    const y = arange(0, n, 1, { dtype: 'int32' });
    const data = await y.data();
    y.dispose();
    expect(data.length).toBe(n);
    expect(data.findIndex((x, i) => x !== i)).toBe(-1);
  });
});

describe('an error of the GPU', () => {
  /** Binds one buffer for writing twice, which WebGPU forbids. */
  const twice = inlineKernel(
    'twice',
    `
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> z: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = z[0]; }`,
  );
  const forbidden = () => {
    const { view } = zeros([1]);
    device.launch({ op: 'forbidden', kernel: twice, views: [view, view], workgroups: [1, 1, 1] });
  };
  it('surfaces at the next read and names the op', async () => {
    forbidden();
    const error: unknown = await zeros([1])
      .data()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GpuError);
    expect((error as Error).message).toContain('forbidden');
    expect(await full([2], 4).data()).toEqual(new Float32Array([4, 4]));
  });
  it('surfaces at finish()', async () => {
    forbidden();
    await expect(device.finish()).rejects.toThrow(GpuError);
    await device.finish();
  });
  it('reaches every read that waits', async () => {
    forbidden();
    const reads = [zeros([1]).data(), zeros([1]).data()];
    expect((await Promise.allSettled(reads)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await device.finish();
  });
});

describe('Encoder', () => {
  const fail = (error: unknown) => {
    throw error;
  };
  const command = async (view = zeros([1]).view, params = { a: 1, b: 1 }): Promise<DispatchCommand> => {
    const pipeline = device.pipelines.get(STEP, {});
    await pipeline.compiled;
    return { kind: 'dispatch', op: 'step', pipeline, views: [view], workgroups: [1, 1, 1], params };
  };
  it('takes a batch whose uniforms exceed its buffer', async () => {
    const y = zeros([1]);
    const count = 1500;
    await device.finish();
    const one = await command(y.view);
    new Encoder(device.gpu, fail).submit(
      Array.from({ length: count }, (_, i) => ({ ...one, params: { a: 1, b: i % 5 } })),
    );
    expect(await y.item()).toBe(count * 2);
  });
  it('makes a bind group once for the same buffers', async () => {
    const encoder = new Encoder(device.gpu, fail);
    const one = await command();
    encoder.submit([one, one]);
    encoder.submit([one]);
    expect(encoder.bindGroups).toBe(1);
    encoder.submit([await command()]);
    expect(encoder.bindGroups).toBe(2);
  });
  it('caches a bounded number of bind groups', async () => {
    const encoder = new Encoder(device.gpu, fail);
    const y = Tensor.empty([64 * 8500]);
    const one = await command();
    const batch = Array.from({ length: 8500 }, (_, i) => ({
      ...one,
      views: [{ storage: y.storage, offset: 256 * i, size: 4 }],
    }));
    encoder.submit(batch.slice(0, 8192));
    expect(encoder.bindGroups).toBe(8192);
    encoder.submit(batch.slice(8192));
    expect(encoder.bindGroups).toBe(8500 - 8192);
    await device.finish();
  });
});
