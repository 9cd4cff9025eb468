import { beforeAll, describe, expect, it } from 'vitest';
import { GpuError } from '../../src/device/errors';
import type { Device } from '../../src/runtime/device';
import { foldWorkgroups } from '../../src/runtime/kernels/launch';
import { kernel } from '../../src/runtime/kernels/kernel';
import { ones, zeros } from '../../src/tensor/create';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const PUT = `
struct Params { n: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = f32(params.n) * @{SCALE}; }`;

describe('the cache of pipelines', () => {
  it('compiles a kernel once for each set of defines', () => {
    const put = kernel('put', PUT);
    const before = device.pipelines.size;
    const one = device.pipelines.get(put, { SCALE: 2 });
    expect(device.pipelines.get(put, { SCALE: 2 })).toBe(one);
    const other = device.pipelines.get(put, { SCALE: 3 });
    expect(other).not.toBe(one);
    expect(other.id).not.toBe(one.id);
    expect(device.pipelines.size - before).toBe(2);
  });
  it('does not mix up two kernels of one name', async () => {
    const [y, z] = [zeros([1]), zeros([1])];
    const rest = { op: 'test', defines: { SCALE: 2 }, params: { n: 3 }, groups: [1, 1, 1] as const };
    device.launch({ ...rest, kernel: kernel('same', PUT), views: [y.view] });
    device.launch({ ...rest, kernel: kernel('same', PUT.replace('f32(params.n)', '100.0')), views: [z.view] });
    expect([await y.item(), await z.item()]).toEqual([6, 200]);
  });
});

describe('a kernel that does not compile', () => {
  const broken = kernel('broken', PUT.replace('@{SCALE}', 'nonsense_@{SCALE}'));
  const launch = (views = [zeros([1]).view]) => {
    device.launch({
      op: 'brokenOp',
      kernel: broken,
      defines: { SCALE: 7 },
      params: { n: 1 },
      views,
      groups: [1, 1, 1],
    });
  };

  it('is reported by the next read, with op, kernel, line and source', async () => {
    launch();
    const error: unknown = await ones([1])
      .data()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GpuError);
    expect((error as Error).message).toMatch(
      /^brokenOp: kernel broken\|SCALE=7 does not compile: \s+6:\d+ .*nonsense_7.*\n\s+\| fn main\(\) \{ y\[0\] = f32\(params\.n\) \* nonsense_7; \}/,
    );
  });
  it('is reported once for each use, and takes no other work along', async () => {
    const x = ones([3]);
    launch();
    const y = ones([2]);
    await expect(x.data()).rejects.toThrow('does not compile');
    expect(await x.data()).toEqual(new Float32Array([1, 1, 1]));
    expect(await y.data()).toEqual(new Float32Array([1, 1]));
    launch();
    await expect(x.data()).rejects.toThrow('does not compile');
    await device.finish();
  });
  it('is reported to every read that waits', async () => {
    const x = ones([3]);
    launch();
    const results = await Promise.allSettled([x.data(), ones([1]).item(), device.finish()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await device.finish();
  });
});

describe('launch', () => {
  const launch = (over: Partial<Parameters<Device['launch']>[0]>) => {
    const one = { op: 'test', kernel: kernel('put', PUT), defines: { SCALE: 1 }, params: { n: 1 } };
    device.launch({ ...one, views: [zeros([1]).view], groups: [1, 1, 1], ...over });
  };
  it('refuses too many workgroups', () => {
    expect(() => {
      launch({ groups: [1, 65536, 1] });
    }).toThrow(new RangeError('test: 1 x 65536 x 1 workgroups, expected at most 65535 per dimension'));
  });
  it('refuses another number of buffers than the kernel binds', () => {
    expect(() => {
      launch({ views: [] });
    }).toThrow('test: kernel put binds 1 buffers, got 0');
  });
  it('refuses a define that the kernel wants and does not get', () => {
    expect(() => {
      launch({ defines: {} });
    }).toThrow("shader put: line 6 'fn main() { y[0] = f32(params.n) * @{SCALE}; }': 'SCALE' is not defined");
  });
  it.each([
    [{}, 'test: kernel put: Params.n has no value'],
    [{ n: 1, m: 2 }, 'test: kernel put: Params has no field m'],
  ])('reports uniforms that do not fit: %j', async (params, message) => {
    launch({ params });
    await expect(device.finish()).rejects.toThrow(message);
    await device.finish();
  });
});

describe('linear', () => {
  it.each([1, 64, 65535])('leaves %d workgroups in one row', (groups) => {
    expect(foldWorkgroups(groups)).toEqual([groups, 1, 1]);
  });
  it.each([65536, 131070, 131071, 10_000_019])('folds %d workgroups with few to spare', (groups) => {
    const [x, y, z] = foldWorkgroups(groups);
    expect(x).toBeLessThanOrEqual(65535);
    expect(z).toBe(1);
    expect(x * y).toBeGreaterThanOrEqual(groups);
    expect(x * y - groups).toBeLessThan(y);
  });
});
