import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inNode } from '../../src/device/in-node';
import { capture } from '../../src/capture/capture';
import * as nn from '../../src/nn';
import { add, mul } from '../../src/ops/elementwise/binary';
import { matmul } from '../../src/ops/matmul/matmul';
import { sum } from '../../src/ops/reduce/reduce';
import { adam } from '../../src/optim';
import { open } from '../../src/open';
import { setDefaultDevice, type Device } from '../../src/runtime/device';
import { profile, type Profile } from '../../src/profile/profile';
import { rand, tensor, zeros } from '../../src/tensor/create/create';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { numbers } from '../support/numbers';
import { testDevice } from '../support/device';
import { inlineKernel } from '../support/kernel';

let shared: Device;
/** Without a clock of the GPU. */
let clockless: Device;
beforeAll(async () => {
  shared = await testDevice();
  clockless = await open({ features: ['subgroups'] });
});
afterAll(() => {
  setDefaultDevice(shared);
  clockless.destroy();
});

/** A kernel that no other test has compiled. */
const coldKernel = () =>
  inlineKernel(
    'cold',
    `@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = y[0] + f32(@{ADD}); } // ${crypto.randomUUID()}`,
  );

const of = (profiled: Profile<unknown>, op: string) => profiled.kernels.filter(({ ops }) => ops.includes(op));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe.each(['timestamps', 'wall'] as const)('profile, by %s', (clock) => {
  let device: Device;
  beforeAll(() => {
    device = clock === 'wall' ? clockless : shared;
    setDefaultDevice(device);
  });

  it('counts dispatches, operations and bytes of each kernel', async () => {
    const [a, b] = [rand([24, 40], { device }), rand([40, 17], { device })];
    const profiled = await profile(() =>
      tidy(() => {
        for (let i = 0; i < 3; i++) add(a, 1);
        for (let i = 0; i < 2; i++) matmul(a, b);
        return mul(a, a);
      }),
    );
    expect(profiled.clock).toBe(device.features.has('timestamp-query') ? 'timestamps' : 'wall');
    // Each call fills a tensor with the constant and then adds it.
    expect(of(profiled, 'add').map(({ kernel, count, flops, gflops }) => ({ kernel, count, flops, gflops }))).toEqual(
      expect.arrayContaining(['fill', 'binary'].map((kernel) => ({ kernel, count: 3, flops: 0, gflops: null }))),
    );
    expect(of(profiled, 'add')).toHaveLength(2);
    const [product] = of(profiled, 'matmul');
    expect(product).toMatchObject({
      count: 2,
      flops: 2 * (2 * 24 * 40 * 17),
      bytes: 2 * 4 * (24 * 40 + 40 * 17 + 24 * 17),
      ops: ['matmul'],
    });
    expect(product.gflops).toBeCloseTo(product.flops / product.ms / 1e6, 9);
    expect(product.gbps).toBeCloseTo(product.bytes / product.ms / 1e6, 9);
    // mul(a, a) binds one buffer twice.
    expect(of(profiled, 'mul')[0].bytes).toBe(2 * 4 * a.size);
    expect(total(profiled.kernels.map(({ count }) => count))).toBe(profiled.totals.dispatches);
    expect(profiled.result.shape).toEqual([24, 40]);
  });

  it('reports the time of every kernel and its share of all', async () => {
    const a = rand([64, 64], { device });
    const { kernels, totals } = await profile(() => tidy(() => matmul(add(a, 1), mul(a, 2))));
    for (const { ms, gbps } of kernels) {
      expect(ms).toBeGreaterThan(0);
      expect(gbps).toBeGreaterThan(0);
    }
    expect(total(kernels.map(({ share }) => share))).toBeCloseTo(1, 9);
    expect(total(kernels.map(({ ms }) => ms))).toBeCloseTo(totals.gpuMs, 9);
    expect(kernels.map(({ ms }) => ms)).toEqual(kernels.map(({ ms }) => ms).sort((x, y) => y - x));
    expect(totals.gpuMs).toBeLessThanOrEqual(totals.wallMs);
    // A browser's clock is too coarse for it.
    expect(totals.hostMs).toBeGreaterThanOrEqual(inNode() ? Number.MIN_VALUE : 0);
    expect(totals.hostMs).toBeLessThanOrEqual(totals.wallMs);
    expect(totals.submits).toBeGreaterThan(0);
  });

  it('reports the pipelines that were compiled', async () => {
    const cold = coldKernel();
    const y = zeros([1], { device });
    await device.finish();
    const launch = (plus: number) => {
      device.launch({ op: 'cold', kernel: cold, defines: { ADD: plus }, views: [y.view], workgroups: [1, 1, 1] });
    };
    const first = await profile(() => {
      launch(1);
      launch(2);
    });
    expect(first.totals.pipelines).toBe(2);
    expect(first.totals.compileMs).toBeGreaterThan(0);
    expect(first.kernels.map((k) => `${k.kernel} ${k.variant}`).sort()).toEqual(['cold ADD=1', 'cold ADD=2']);
    const second = await profile(() => {
      launch(1);
    });
    expect(second.totals).toMatchObject({ pipelines: 0, compileMs: 0, dispatches: 1 });
    expect(await y.item()).toBe(4);
  });

  it('works on a captured step', async () => {
    const step = capture((x: Tensor) => ({ total: sum(mul(x, 2)), twice: add(x, x) }));
    const x = rand([50], { device });
    step(x);
    const { kernels, totals } = await profile(() => {
      for (let i = 0; i < 4; i++) step(x);
    });
    expect(totals.dispatches).toBe(4 * step.dispatches);
    for (const { count, ms } of kernels) {
      expect(count % 4).toBe(0);
      expect(ms).toBeGreaterThan(0);
    }
    step.dispose();
  });

  it('writes a trace of well-formed events', async () => {
    const [a, b] = [rand([20, 20], { device }), rand([20, 20], { device })];
    const cold = coldKernel();
    const profiled = await profile(async () => {
      device.launch({ op: 'cold', kernel: cold, defines: { ADD: 1 }, views: [a.view], workgroups: [1, 1, 1] });
      await matmul(a, b).data();
      matmul(b, a).dispose();
    });
    const { traceEvents } = JSON.parse(profiled.trace()) as { traceEvents: Record<string, unknown>[] };
    const named = traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => (args as { name: string }).name);
    expect(named).toEqual(['wgrad', 'host', 'GPU']);
    for (const event of traceEvents) {
      expect(event).toMatchObject({ name: expect.any(String) as string, pid: 1, tid: expect.any(Number) as number });
      if (event.ph === 'M') continue;
      expect(event.ts).toBeGreaterThanOrEqual(0);
      if (event.ph === 'X') expect(event.dur).toBeGreaterThanOrEqual(0);
    }
    const kernels = traceEvents.filter(({ cat }) => cat === 'gpu');
    expect(kernels).toHaveLength(3);
    const [, product] = kernels;
    const args = product.args as { op: string; kernel: string; gflops: number };
    expect(args.op).toBe('matmul');
    expect(args.kernel).toContain(product.name);
    expect(args.gflops).toBeCloseTo((2 * 20 ** 3) / (product.dur as number) / 1e3, 0);
    // One after the other, none before it was submitted.
    const starts = kernels.map(({ ts }) => ts as number);
    expect(starts).toEqual([...starts].sort((x, y) => x - y));
    const submits = traceEvents.filter(({ name }) => name === 'submit').map(({ ts }) => ts as number);
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(Math.min(...submits));
    expect(traceEvents.filter(({ name }) => name === 'launch matmul')).toHaveLength(2);
    const compiles = traceEvents.filter(({ cat, name }) => cat === 'compile' && String(name).includes('cold'));
    expect(compiles.map(({ ph }) => ph)).toEqual(['b', 'e']);
  });

  it('changes no bit of what is computed', async () => {
    const train = async (profiled: boolean, captured: boolean): Promise<unknown> => {
      const own = await open({ seed: 4, features: [...device.features] as GPUFeatureName[] });
      setDefaultDevice(own);
      const model = nn.sequential(nn.linear(12, 8), nn.batchNorm1d(8), nn.dropout(0.3), nn.linear(8, 3));
      const optimizer = adam(model.parameters(), { lr: 1e-2 });
      const eager = (x: Tensor, labels: Tensor<'int32'>): Tensor => {
        const loss = nn.crossEntropy(model.forward(x), labels);
        loss.backward();
        optimizer.step();
        return loss;
      };
      const step = captured ? capture(eager) : eager;
      const run = async (): Promise<number[]> => {
        const losses: number[] = [];
        for (let i = 0; i < 3; i++) {
          const x = tensor(numbers(60, i), { shape: [5, 12] });
          losses.push(await step(x, tensor(Int32Array.of(0, 1, 2, 1, 0))).item());
        }
        return losses;
      };
      const losses = profiled ? (await profile(run)).result : await run();
      const weights = await Promise.all(model.parameters().map(async (t) => [...(await t.data())]));
      own.destroy();
      setDefaultDevice(device);
      return { losses, weights };
    };
    const plain = await train(false, false);
    expect(await train(true, false)).toEqual(plain);
    expect(await train(true, true)).toEqual(plain);
  });
});

describe('profile', () => {
  beforeAll(() => {
    setDefaultDevice(shared);
  });
  it('takes more dispatches than a set of queries holds', async () => {
    const y = zeros([1]);
    const { kernels, totals } = await profile(() => {
      for (let i = 0; i < 5000; i++) mul(y, y).dispose();
    });
    expect(totals.dispatches).toBe(5000);
    expect(kernels).toMatchObject([{ count: 5000, ops: ['mul'] }]);
  });
  it('leaves out what was launched before and after', async () => {
    const y = zeros([3]);
    add(y, y).dispose();
    const { totals } = await profile(() => {
      mul(y, y).dispose();
    });
    expect(totals.dispatches).toBe(1);
    add(y, y).dispose();
    await shared.finish();
    expect((await profile(() => undefined)).totals.dispatches).toBe(0);
  });
  it('prints a table', async () => {
    const a = rand([8, 8]);
    const lines = (await profile(() => tidy(() => matmul(a, add(a, a))))).table().split('\n');
    expect(lines[0]).toMatch(/^kernel +ops +count +GPU ms +share +GFLOP\/s +GB\/s$/);
    expect(lines.slice(1, 3).join('\n')).toMatch(/matmul.* +1 +\d+\.\d{3} +\d+\.\d% +\d+\.\d\d +\d+\.\d\d/);
    expect(lines.at(-1)).toMatch(/^[\d.]+ ms, GPU [\d.]+ ms, host [\d.]+ ms; 2 dispatches in 1 submit/);
  });
  it('throws what the function throws, and can be used again', async () => {
    const a = zeros([2]);
    const failing = profile(() => {
      mul(a, a).dispose();
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    expect((await profile(() => tidy(() => mul(a, a)))).totals.dispatches).toBe(1);
  });
  it('refuses to run twice at a time', async () => {
    const outer = profile(() => profile(() => undefined));
    await expect(outer).rejects.toThrow('profile: this device is being profiled already');
    expect((await profile(() => 7)).result).toBe(7);
  });
});
