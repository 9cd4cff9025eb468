import { beforeAll, describe, expect, it } from 'vitest';
import { GpuError } from '../../src/device/errors';
import type { Device } from '../../src/runtime/device';
import { kernel, type ShaderModule } from '../../src/runtime/kernels/kernel';
import { foldWorkgroups } from '../../src/runtime/kernels/launch';
import { capture } from '../../src/capture/capture';
import { ones, zeros } from '../../src/tensor/create/create';
import { tracer } from '../../src/tensor/tracer';
import { testDevice } from '../support/device';
import { inlineKernel } from '../support/kernel';

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
    const put = inlineKernel('put', PUT);
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
    const rest = { op: 'test', defines: { SCALE: 2 }, params: { n: 3 }, workgroups: [1, 1, 1] as const };
    device.launch({ ...rest, kernel: inlineKernel('same', PUT), views: [y.view] });
    device.launch({ ...rest, kernel: inlineKernel('same', PUT.replace('f32(params.n)', '100.0')), views: [z.view] });
    expect([await y.item(), await z.item()]).toEqual([6, 200]);
  });
});

describe('the source of a kernel', () => {
  it('is loaded when a pipeline is asked for, and again after it could not be', async () => {
    let loads = 0;
    let online = false;
    const put = kernel('put', () => {
      loads++;
      return online ? Promise.resolve({ shaders: { put: [PUT] } }) : Promise.reject(new Error('offline'));
    });
    const y = zeros([1]);
    const launch = () => {
      device.launch({
        op: 'test',
        kernel: put,
        defines: { SCALE: 2 },
        params: { n: 3 },
        views: [y.view],
        workgroups: [1, 1, 1],
      });
    };
    expect(loads).toBe(0);
    launch();
    const error: unknown = await y.item().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GpuError);
    expect((error as Error).message).toBe('test: the source of kernel put could not be loaded: offline');
    online = true;
    launch();
    expect(await y.item()).toBe(6);
    launch();
    expect(await y.item()).toBe(6);
    expect(loads).toBe(2);
  });
  it('is waited for, and what comes after it stays in order', async () => {
    let arrive: () => void = () => expect.fail('nothing was loaded');
    const late = kernel(
      'late',
      () =>
        new Promise<ShaderModule<'late'>>((resolve) => {
          arrive = () => {
            resolve({ shaders: { late: [PUT] } });
          };
        }),
    );
    const y = zeros([1]);
    device.launch({
      op: 'test',
      kernel: late,
      defines: { SCALE: 1 },
      params: { n: 5 },
      views: [y.view],
      workgroups: [1, 1, 1],
    });
    const z = zeros([1]);
    z.copyFrom(y);
    y.write(new Float32Array([7]));
    const values = Promise.all([y.item(), z.item()]);
    arrive();
    expect(await values).toEqual([7, 5]);
  });
});

describe('a captured step', () => {
  it('evaluates the params that change at each call, in order, while its kernels are loaded', async () => {
    let arrive: () => void = () => expect.fail('nothing was loaded');
    const load = new Promise<ShaderModule<'add_n'>>((resolve) => {
      arrive = () => {
        const text = PUT.replace('= f32(params.n) * @{SCALE}', '= y[0] * 10.0 + f32(params.n)');
        resolve({ shaders: { add_n: [text] } });
      };
    });
    const adds = kernel('add_n', () => load);
    const y = zeros([1]);
    const evaluated: string[] = [];
    const counts = new Map<string, number>();
    const launch = (name: string) => {
      const params = () => {
        evaluated.push(name);
        const n = (counts.get(name) ?? 0) + 1;
        tracer?.undo(() => counts.set(name, n - 1));
        counts.set(name, n);
        return { n };
      };
      device.launch({ op: 'test', kernel: adds, params, views: [y.view], workgroups: [1, 1, 1] });
    };
    const step = capture(() => {
      launch('first');
      launch('second');
    });
    step();
    step();
    step();
    // Once more for the second call, to compare what the function does now.
    expect(evaluated).toEqual([1, 2, 2, 3].flatMap(() => ['first', 'second']));
    const value = y.item();
    arrive();
    expect(await value).toBe(112233);
    step();
    expect(await y.item()).toBe(Math.fround(11223344));
    step.dispose();
  });
});

describe('a kernel that does not compile', () => {
  const broken = inlineKernel('broken', PUT.replace('@{SCALE}', 'nonsense_@{SCALE}'));
  const launch = (views = [zeros([1]).view]) => {
    device.launch({
      op: 'brokenOp',
      kernel: broken,
      defines: { SCALE: 7 },
      params: { n: 1 },
      views,
      workgroups: [1, 1, 1],
    });
  };

  it('is reported by the next read, with op, kernel, line and source', async () => {
    launch();
    const error: unknown = await ones([1])
      .data()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GpuError);
    expect((error as Error).message).toMatch(
      new RegExp(
        '^brokenOp: kernel broken\\|SCALE=7 does not compile: \\s+6:\\d+ .*nonsense_7.*\\n' +
          '\\s+\\| fn main\\(\\) \\{ y\\[0\\] = f32\\(params\\.n\\) \\* nonsense_7; \\}',
      ),
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
    const one = { op: 'test', kernel: inlineKernel('put', PUT), defines: { SCALE: 1 }, params: { n: 1 } };
    device.launch({ ...one, views: [zeros([1]).view], workgroups: [1, 1, 1], ...over });
  };
  it('refuses too many workgroups', () => {
    expect(() => {
      launch({ workgroups: [1, 65536, 1] });
    }).toThrow(new RangeError('test: 1 x 65536 x 1 workgroups, expected at most 65535 per dimension'));
  });
  it.each([
    ['another number of buffers than the kernel binds', { views: [] }, 'test: kernel put binds 1 buffers, got 0'],
    [
      'a missing define',
      { defines: {} },
      "test: kernel put: line 6 'fn main() { y[0] = f32(params.n) * @{SCALE}; }': 'SCALE' is not defined",
    ],
    [
      'a type that no uniform has',
      { kernel: inlineKernel('half', PUT.replace('n: u32', 'n: f16')) },
      'test: kernel half|SCALE=1: struct Params: type f16 of n is not one of',
    ],
    ['a missing uniform', { params: {} }, 'test: kernel put: Params.n has no value'],
    ['an unknown uniform', { params: { n: 1, m: 2 } }, 'test: kernel put: Params has no field m'],
  ])('reports %s, and takes no other work along', async (_, over, message) => {
    const y = ones([2]);
    launch(over);
    const z = ones([3]);
    const error: unknown = await device.finish().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GpuError);
    expect((error as Error).message).toContain(message);
    await device.finish();
    expect([await y.data(), await z.data()]).toEqual([new Float32Array([1, 1]), new Float32Array([1, 1, 1])]);
  });
});

describe('linear', () => {
  it.each([1, 64, 65535])('leaves %d workgroups in one row', (workgroups) => {
    expect(foldWorkgroups(workgroups)).toEqual([workgroups, 1, 1]);
  });
  it.each([65536, 131070, 131071, 10_000_019])('folds %d workgroups with few to spare', (workgroups) => {
    const [x, y, z] = foldWorkgroups(workgroups);
    expect(x).toBeLessThanOrEqual(65535);
    expect(z).toBe(1);
    expect(x * y).toBeGreaterThanOrEqual(workgroups);
    expect(x * y - workgroups).toBeLessThan(y);
  });
});
