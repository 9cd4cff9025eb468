import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { data, matmul, metrics, mul, nn, optim, rand, sub, sum, tensor, tidy, train, type Tensor } from 'wgrad';
import type { Device } from '../../src/runtime/device';
import { expectSameBits } from '../support/same-bits';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const COUNT = 22;
const inputs = numbers(3 * COUNT, 1);
const targets = Float32Array.from({ length: COUNT }, (_, i) => 2 * inputs[3 * i] - inputs[3 * i + 2] + 0.5);
const set = data.dataset({ data: inputs, shape: [3] }, { data: targets, shape: [1] });
/** Batches of 8, 8 and 6. */
const batches = () => data.loader(set, { batchSize: 8, shuffle: true, seed: 4 });

function network(): nn.Sequential {
  device.generator.offset = 0;
  return nn.sequential(nn.linear(3, 8), nn.relu(), nn.dropout(0.1), nn.linear(8, 1));
}
const adam = (model: nn.Module) => optim.adam(model.parameters(), { lr: 3e-2 });
const squared = (output: Tensor, target: Tensor) => nn.mseLoss(output, target);
const absolute = (output: Tensor, target: Tensor) => nn.l1Loss(output, target);

/** The same training by hand, eagerly: the means of loss and of absolute error in each epoch. */
async function byHand(model: nn.Module, epochs: number): Promise<number[][]> {
  const optimizer = adam(model);
  const loader = batches();
  const means: number[][] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const totals = [0, 0];
    for await (const [x, y] of loader) {
      const output = model.forward(x);
      const loss = squared(output, y);
      const error = absolute(output, y);
      totals[0] += (await loss.item()) * x.shape[0];
      totals[1] += (await error.item()) * x.shape[0];
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    }
    means.push(totals.map((total) => total / COUNT));
  }
  return means;
}

describe('fit with a loss of one’s own', () => {
  it('does bit for bit what the loop by hand does, a ragged last batch included', async () => {
    const [model, other] = [network(), network()];
    device.generator.offset = 100;
    const history = await train.fit({
      model,
      optimizer: adam(model),
      loader: batches(),
      epochs: 6,
      loss: squared,
      metrics: { mae: absolute },
    });
    device.generator.offset = 100;
    const expected = await byHand(other, 6);
    await expectSameBits(model.stateDict(), other.stateDict());
    history.forEach(({ loss, metrics: { mae } }, epoch) => {
      expect(loss).toBeCloseTo(expected[epoch][0], 5);
      expect(mae).toBeCloseTo(expected[epoch][1], 5);
    });
    expect(history[5].loss).toBeLessThan(0.5 * history[0].loss);
    const held = await train.evaluate(model, batches(), { loss: squared, metrics: { mae: absolute } });
    const [x, y] = batches().batch(Uint32Array.from({ length: COUNT }, (_, i) => i));
    const output = model.eval().forward(x);
    expect(held.loss).toBeCloseTo(await squared(output, y).item(), 5);
    expect(held.metrics.mae).toBeCloseTo(await absolute(output, y).item(), 5);
  });

  it('is a classifier’s when the loss is cross-entropy', async () => {
    const labels = Int32Array.from(targets, (target) => Number(target > 0.5));
    const histories = [];
    for (const own of [false, true]) {
      device.generator.offset = 0;
      const model = nn.linear(3, 2);
      const classes = data.dataset({ data: inputs, shape: [3] }, labels);
      const common = {
        model,
        optimizer: adam(model),
        loader: data.loader(classes, { batchSize: 8, shuffle: true, seed: 4 }),
        epochs: 3,
      };
      histories.push(
        own
          ? (await train.fit({ ...common, loss: nn.crossEntropy, metrics: { accuracy: metrics.accuracy } })).map(
              ({ loss, metrics: { accuracy } }) => [loss, accuracy.toFixed(5)],
            )
          : (await train.fit(common)).map(({ loss, accuracy }) => [loss, accuracy.toFixed(5)]),
      );
    }
    expect(histories[1]).toEqual(histories[0]);
  });

  it('takes a step for models of several inputs, and reports what it returns', async () => {
    class Score extends nn.Module {
      readonly left = nn.linear(3, 2, { bias: false });
      readonly right = nn.linear(1, 2, { bias: false });
      override forward(a: Tensor, b: Tensor): Tensor {
        return mul(this.left.forward(a), this.right.forward(b));
      }
    }
    const model = new Score();
    const seen: train.Progress<train.LossSummary<'size'>>[] = [];
    const three = data.dataset({ data: inputs, shape: [3] }, { data: targets, shape: [1] }, rand([COUNT, 2]));
    const history = await train.fit({
      model,
      optimizer: adam(model),
      loader: data.loader(three, { batchSize: 8 }),
      epochs: 4,
      step: (a, b, goal) => {
        const score = model.forward(a, b);
        return { loss: nn.mseLoss(score, goal), size: nn.mseLoss(score, mul(score, 0)) };
      },
      progressEvery: 2,
      onProgress: (progress) => {
        seen.push(progress);
      },
    });
    expectTypeOf(history).toEqualTypeOf<train.LossSummary<'size'>[]>();
    expect(history[3].loss).toBeLessThan(history[0].loss);
    expect(history[3].metrics.size).toBeGreaterThan(0);
    expect(seen.map(({ epoch, batch, batches: all }) => [epoch, batch, all]).slice(0, 3)).toEqual([
      [0, 2, 3],
      [0, 3, 3],
      [1, 2, 3],
    ]);
    expect(seen[seen.length - 1]).toMatchObject({ ...history[3], secondsLeft: 0 });
  });

  it('takes models of several results', async () => {
    class Auto extends nn.Module {
      readonly down = nn.linear(3, 2);
      readonly up = nn.linear(2, 3);
      forward(x: Tensor, scale = 1): { code: Tensor; out: Tensor } {
        const code = this.down.forward(x);
        return { code, out: mul(this.up.forward(code), scale) };
      }
    }
    const model = new Auto();
    const loader = data.loader(data.dataset({ data: inputs, shape: [3] }, { data: inputs, shape: [3] }), {
      batchSize: 8,
    });
    const optimizer = optim.adam(model, { lr: 3e-2 });
    const history = await train.fit({
      model,
      optimizer,
      loader,
      epochs: 8,
      loss: ({ out }, x) => nn.mseLoss(out, x),
      metrics: { size: ({ code }) => nn.mseLoss(code, mul(code, 0)) },
    });
    expect(history[7].loss).toBeLessThan(history[0].loss);
    const step = (x: Tensor) => nn.mseLoss(model.forward(x, 1).out, x);
    const held = await train.evaluate(model, loader, { step });
    const same = await train.evaluate(model, loader, { loss: ({ out }, x) => nn.mseLoss(out, x) });
    expect(held).toEqual(same);
    expect(await train.fit({ model, optimizer, loader, epochs: 1, step })).toHaveLength(1);
  });

  it('trains on a stream of unknown length with batches of several shapes', async () => {
    const lengths = [3, 5, 3, 4];
    const stream = data.dataset(async function* (epoch) {
      for (const [i, length] of lengths.entries()) {
        await Promise.resolve();
        yield [{ data: numbers(3 * length, 10 * epoch + i), shape: [length, 3] }];
      }
    });
    const model = nn.linear(3, 3);
    const [losses, reports]: [number[], number[][]] = [[], []];
    const options = {
      model,
      optimizer: adam(model),
      loader: data.loader(stream, { batchSize: null }),
      epochs: 12,
      step: (x: Tensor) => nn.mseLoss(model.forward(x), x),
    };
    const history = await train.fit({
      ...options,
      scheduler: { step: (loss) => losses.push(loss) },
      progressEvery: 3,
      onProgress: ({ batch, batches: all, secondsLeft }) => reports.push([batch, all, secondsLeft]),
    });
    expect(history).toHaveLength(12);
    expect(history[11].loss).toBeLessThan(0.5 * history[0].loss);
    expect(losses).toHaveLength(12);
    expect(losses[0]).toBeCloseTo(history[0].loss, 5);
    expect(reports.slice(0, 2).map(([batch, all]) => [batch, all])).toEqual([
      [3, Infinity],
      [4, 4],
    ]);
    expect(reports[reports.length - 1][2]).toBe(0);
    await device.finish();
    const { allocated } = device.memory;
    await train.fit(options);
    await device.finish();
    expect(device.memory.allocated).toBe(allocated);
  });

  it('refuses what is no loss before anything changes', async () => {
    const model = network();
    const before = await Promise.all(Object.values(model.stateDict()).map((t) => t.data()));
    const loader = batches();
    const attempt = (more: object) =>
      train.fit({ model, optimizer: adam(model), loader, epochs: 1, ...more } as unknown as train.FitOptions);
    const error = (options: object) =>
      attempt(options).then(
        () => 'none',
        (reason: unknown) => String(reason),
      );
    const first = (output: Tensor) => output;
    expect(await error({ loss: first })).toBe(
      'ShapeError: fit: expected the loss to be one number [], the mean over a batch, got [8, 1]',
    );
    expect(await error({ loss: () => 3 })).toBe('TypeError: fit: expected the loss to be a float32 tensor, got 3');
    expect(await error({ loss: () => tensor(3, { dtype: 'int32' }) })).toBe(
      'TypeError: fit: expected the loss to be a float32 tensor, got one of int32',
    );
    expect(await error({ loss: async () => Promise.resolve(tensor(1)) })).toBe(
      'TypeError: fit: expected the loss to be a float32 tensor, got a Promise',
    );
    expect(await error({ loss: squared, metrics: { size: first } })).toBe(
      "ShapeError: fit: expected metric 'size' to be one number [], the mean over a batch, got [8, 1]",
    );
    expect(await error({ loss: squared, metrics: { size: 3 } })).toBe(
      "TypeError: fit: expected metric 'size' to be a function, got 3",
    );
    expect(await error({ loss: 'mse' })).toBe('TypeError: fit: expected loss to be a function, got a string');
    expect(await error({ step: squared, loss: squared })).toBe(
      'TypeError: fit: expected step alone, which returns the loss and metrics, got it with loss or metrics',
    );
    expect(await error({ metrics: { mae: absolute } })).toBe(
      'TypeError: fit: expected metrics with a loss, got them without',
    );
    const empty = data.loader(data.dataset(() => [] as [number][]), { batchSize: 2 }); // prettier-ignore
    expect(await error({ loader: empty, loss: squared })).toBe(
      'RangeError: fit: expected at least 1 batch in epoch 0, got none',
    );
    const two = data.dataset(() => [1, 2].map((i) => [[i, 2, 3], [1]])); // prettier-ignore
    const stream = data.loader(two, { batchSize: 2 });
    expect(await error({ loader: stream, loss: first })).toContain(
      'ShapeError: fit: expected the loss to be one number',
    );
    expect(await Promise.all(Object.values(model.stateDict()).map((t) => t.data()))).toEqual(before);
    expect(loader.epoch).toBe(0);
    const none = train.evaluate(model, loader, {} as unknown as number);
    await expect(none).rejects.toThrow('evaluate: expected a number of classes, a loss or a step, got none of them');
  });

  it('hands all of its memory back', async () => {
    const model = network();
    const optimizer = adam(model);
    const loader = batches();
    const options = { model, optimizer, loader, epochs: 1, loss: squared, metrics: { mae: absolute } };
    await train.fit(options);
    await train.evaluate(model, loader, { loss: squared });
    await device.finish();
    const { allocated } = device.memory;
    for (let i = 0; i < 3; i++) await train.fit(options);
    await train.evaluate(model, loader, { loss: squared });
    await device.finish();
    expect(device.memory.allocated).toBe(allocated);
  });

  it('finds the least squares of a regression', async () => {
    const model = nn.linear(3, 1);
    const full = data.loader(set, { batchSize: COUNT });
    const optimizer = optim.sgd(model.parameters(), { lr: 0.5 });
    const history = await train.fit({ model, optimizer, loader: full, epochs: 300, loss: squared });
    expect(history[299].loss).toBeLessThan(1e-4);
    const weight = await tidy(() => sum(sub(matmul(model.weight, tensor([[1], [0], [0]])), 2))).item();
    expect(Math.abs(weight)).toBeLessThan(0.02);
  });
});

describe('types of fit', () => {
  it('name the metrics, and the accuracy of a classifier alone', () => {
    const model = nn.linear(3, 1);
    const optimizer = adam(model);
    const own = () =>
      train.fit({
        model,
        optimizer,
        loader: batches(),
        epochs: 1,
        loss: (output, target) => {
          expectTypeOf(output).toEqualTypeOf<Tensor>();
          expectTypeOf(target).toEqualTypeOf<Tensor>();
          return squared(output, target);
        },
        metrics: { mae: (output, target) => absolute(output, target), other: squared },
        onEpoch: (_, summary) => {
          expectTypeOf(summary).toEqualTypeOf<train.LossSummary<'mae' | 'other'>>();
        },
      });
    expectTypeOf(own).returns.resolves.toEqualTypeOf<train.LossSummary<'mae' | 'other'>[]>();
    const plain = () => train.fit({ model, optimizer, loader: batches(), epochs: 1, loss: squared });
    expectTypeOf(plain).returns.resolves.toEqualTypeOf<train.LossSummary[]>();
    const classifier = () =>
      train.fit({
        model,
        optimizer,
        loader: data.loader(data.dataset({ inputs, shape: [3], labels: [0] }), { batchSize: 1 }),
        epochs: 1,
        onProgress: (progress) => {
          expectTypeOf(progress.accuracy).toEqualTypeOf<number>();
        },
      });
    expectTypeOf(classifier).returns.resolves.toEqualTypeOf<train.Summary[]>();
    const step = () =>
      train.fit({
        model,
        optimizer,
        loader: batches(),
        epochs: 1,
        step: (x, y) => {
          expectTypeOf(x).toEqualTypeOf<Tensor>();
          expectTypeOf(y).toEqualTypeOf<Tensor>();
          return squared(model.forward(x), y);
        },
      });
    expectTypeOf(step).returns.resolves.toEqualTypeOf<train.LossSummary[]>();
  });
});
