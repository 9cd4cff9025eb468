import { describe, expect, it, vi } from 'vitest';
import { capture } from '../../src/capture/capture';
import { tune } from '../../src/tune/tune';
import { dataset, loader } from '../../src/data';
import * as nn from '../../src/nn';
import { conv2d } from '../../src/ops/conv2d/conv2d';
import { matmul } from '../../src/ops/matmul/matmul';
import { sum } from '../../src/ops/reduce/reduce';
import { adam } from '../../src/optim';
import type { VariantRecord } from '../../src/variants/variant';
import { profile } from '../../src/profile/profile';
import { tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import { keep, tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { fit } from '../../src/train';
import { expectNumbersClose } from '../support/compare';
import { numbers } from '../support/numbers';
import { tuning } from '../support/process/tuning';

const own = tuning();
const random = (shape: Shape, seed: number, requiresGrad = false): Tensor =>
  tensor(numbers(sizeOf(shape), seed), { shape, requiresGrad });
const quiet = { log: () => undefined };

/** A network, its training step as it is captured, and the numbers that it ends in. */
function training(device: { generator: { offset: number } }) {
  const model = nn.sequential(nn.linear(24, 12), nn.relu(), nn.batchNorm1d(12), nn.dropout(0.2));
  const optimizer = adam(model.parameters(), { lr: 1e-2 });
  const step = capture((x: Tensor, labels: Tensor) => {
    const loss = nn.crossEntropy(model.forward(x), labels);
    loss.backward();
    optimizer.step();
    return loss;
  });
  const batch = (i: number): [Tensor, Tensor<'int32'>] => [
    random([18, 24], i),
    tensor(Int32Array.from({ length: 18 }, (_, row) => (row + i) % 3)),
  ];
  const state = async () => {
    const tensors = Object.entries({ ...model.stateDict(), ...optimizer.stateDict().state });
    const data = await Promise.all(tensors.map(async ([name, t]) => [name, [...(await t.data())]]));
    return { data, config: optimizer.stateDict().config, drawn: device.generator.offset };
  };
  return { step, batch, state };
}

describe('tune', () => {
  it('finds a winner for each shape, after which the results are still right', async () => {
    const device = await own.device();
    const [a, b] = [random([40, 24], 1), random([24, 33], 2)];
    const [input, weight] = [random([2, 3, 9, 8], 3), random([8, 3, 3, 3], 4, true)];
    const work = () => {
      const product = matmul(a, b);
      const out = keep(conv2d(input, weight, null, { padding: 1 }));
      sum(out).backward();
      return [product, out];
    };
    const results = async () => {
      const [product, out] = tidy(work);
      return [await product.data(), await out.data(), await (weight.grad ?? weight).data()];
    };
    const before = await results();
    const gradient = weight.grad;
    const lines: string[] = [];
    const { shapes, seconds } = await tune(work, { log: (line) => lines.push(line) });
    expect(shapes.map((shape) => shape.problem)).toEqual([
      'matmul 40x24x33 a 24,1 b 33,1',
      'conv2d 2x3x9x8 to 8x9x8 by 3x3 from -1,-1',
      'conv2d to weight 2x3x9x8 to 8x9x8 by 3x3 from -1,-1',
    ]);
    for (const { winner, defaultVariant, ms, speedup } of shapes) {
      expect(Object.keys(ms)).toEqual(expect.arrayContaining([winner, defaultVariant, 'general']));
      expect(Math.min(...Object.values(ms))).toBeGreaterThan(0);
      expect(speedup).toBeGreaterThanOrEqual(1);
    }
    expect(seconds).toBeGreaterThan(0);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^tune: matmul 40x24x33 a 24,1 b 33,1: .*general \S+ ms/);
    expect(lines[3]).toMatch(/^tune: 3 shapes in \S+ s, \d of them faster than the default variant$/);
    // It has computed nothing.
    expect(weight.grad).toBe(gradient);
    weight.grad = null;
    for (const [i, data] of (await results()).entries()) expectNumbersClose(`result ${i}`, data, before[i]);
    const winners = Object.fromEntries(shapes.map((shape) => [shape.problem, shape.winner]));
    expect(device.variants.record()).toMatchObject(winners);
    expect(JSON.parse(await own.read())).toMatchObject({ variants: winners });
  });

  it('measures the problems that the device has computed, once', async () => {
    await own.clear();
    await own.device();
    const [a, b] = [random([17, 16], 1), random([16, 20], 2)];
    tidy(() => matmul(a, b));
    expect((await tune(undefined, quiet)).shapes.map(({ problem }) => problem)).toEqual([
      'matmul 17x16x20 a 16,1 b 20,1',
    ]);
    expect((await tune(() => matmul(a, b), quiet)).shapes).toEqual([]);
    // The next device takes it from the cache.
    const next = await own.device();
    expect((await tune(() => matmul(random([17, 16], 1), random([16, 20], 2)), quiet)).shapes).toEqual([]);
    expect(next.variants.isLoaded('matmul 17x16x20 a 16,1 b 20,1')).toBe(true);
  });

  it('does nothing when it is off', async () => {
    await own.device({ tune: 'off' });
    const lines: string[] = [];
    const tuned = await tune(() => expect.fail('was run'), { log: (line) => lines.push(line) });
    expect(tuned).toEqual({ shapes: [], seconds: 0 });
    expect(lines).toEqual(['tune: off, the default variants are used']);
  });

  it('throws what the function throws, refuses to wait for one, and can be used again', async () => {
    await own.device();
    const failing = () => {
      throw new Error('mine');
    };
    await expect(tune(failing, quiet)).rejects.toThrow('mine');
    await expect(tune(async () => Promise.resolve(), quiet)).rejects.toThrow(TypeError);
    await expect(tune(() => random([2], 1).data(), quiet)).rejects.toThrow('tune: a tensor is read');
    const [a, b] = [random([9, 16], 1), random([16, 20], 2)];
    const first = tune(() => matmul(a, b), quiet);
    await expect(tune(() => matmul(a, b), quiet)).rejects.toThrow('tune: this device is being tuned already');
    expect((await first).shapes).toHaveLength(1);
  });
});

describe('a training that is tuned', () => {
  it('goes on from the same weights, moments, statistics and random numbers', async () => {
    await own.clear();
    const device = await own.device({ seed: 5 });
    const { step, batch, state } = training(device);
    await step(...batch(0)).item();
    const before = await state();
    expect((await tune(() => step(...batch(1)), quiet)).shapes.length).toBeGreaterThan(0);
    expect(await state()).toEqual(before);
    await step(...batch(1)).item();
    expect(await state()).not.toEqual(before);
  });

  it('has the bits of one with the same variants', async () => {
    await own.clear();
    const run = async (tuned: boolean, variants?: VariantRecord) => {
      const device = await own.device({ seed: 5, variants, tune: tuned ? 'force' : 'off' });
      const { step, batch, state } = training(device);
      if (tuned) await tune(() => step(...batch(0)), quiet);
      for (let i = 0; i < 3; i++) await step(...batch(i)).item();
      return { state: await state(), variants: device.variants.record() };
    };
    const first = await run(true);
    expect(JSON.parse(JSON.stringify(first.variants))).toEqual(first.variants);
    const again = await run(false, first.variants);
    expect(again.variants).toEqual(first.variants);
    expect(again.state).toEqual(first.state);
  });

  it('is captured again with the kernels that were selected', async () => {
    const device = await own.device({ tune: 'off' });
    const step = capture((a: Tensor, b: Tensor) => matmul(a, b));
    const [a, b] = [random([20, 32], 1), random([32, 24], 2)];
    const kernels = async () => {
      const { kernels: used } = await profile(() => {
        step(a, b).dispose();
      });
      return used.map(({ kernel }) => kernel);
    };
    step(a, b).dispose();
    expect(await kernels()).not.toEqual(['matmul']);
    device.variants.load({ 'matmul 20x32x24 a 32,1 b 24,1': 'general' });
    expect(await kernels()).toEqual(['matmul']);
    expect(step.recordings).toBe(1);
    step.dispose();
  });
});

describe('fit with WGRAD_TUNE=force', () => {
  it('tunes the shapes of each batch size before it takes a step', async () => {
    await own.clear();
    const run = async (options: { tune: 'force' | 'off'; variants?: VariantRecord }) => {
      const device = await own.device({ seed: 2, ...options });
      const inputs = numbers(30 * 24, 6);
      const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3);
      const model = nn.sequential(nn.dropout(0.1), nn.linear(24, 3));
      const first: { seconds: number; kernels: number }[] = [];
      const history = await fit({
        model,
        optimizer: adam(model.parameters()),
        loader: loader(dataset({ inputs, shape: [24], labels }), { batchSize: 20, shuffle: true }),
        epochs: 2,
        onFirstStep: (step) => first.push(step),
      });
      expect(first).toHaveLength(1);
      expect(first[0].kernels).toBeGreaterThan(0);
      return { history, variants: device.variants };
    };
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const tuned = await run({ tune: 'force' });
    for (const rows of [20, 10]) expect(tuned.variants.isLoaded(`matmul ${rows}x24x3 a 24,1 b 1,24`)).toBe(true);
    // Two shapes and a last line, twice.
    expect(info).toHaveBeenCalledTimes(6);
    info.mockRestore();
    const again = await run({ tune: 'off', variants: tuned.variants.record() });
    expect(again.history).toEqual(tuned.history);
  });
});
