import { beforeAll, describe, expect, it } from 'vitest';
import { dataset, loader, type Loader } from '../../src/data';
import * as nn from '../../src/nn';
import { sgd } from '../../src/optim';
import { add, mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import type { Device } from '../../src/runtime/device';
import { tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { evaluate, fit, ModelInUseError, type Summary } from '../../src/train';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** `count` points with labels 0 and 1, or those given. */
function points(
  count: number,
  batchSize: number,
  labels: Uint8Array | Float32Array = Uint8Array.from({ length: count }, (_, i) => i % 2),
): Loader {
  return loader(dataset({ inputs: numbers(2 * count, 5), shape: [2], labels }), { batchSize, shuffle: true, seed: 3 });
}

function network(): nn.Sequential {
  device.generator.offset = 0;
  return nn.sequential(nn.linear(2, 4), nn.batchNorm1d(4), nn.relu(), nn.linear(4, 2));
}

const valuesOf = (tensors: Record<string, Tensor>) => Promise.all(Object.values(tensors).map((t) => t.data()));

/** Trains for `epochs` with plain gradient descent. */
const train = (model: nn.Module, data: Loader, options: Partial<Parameters<typeof fit>[0]> = {}): Promise<Summary[]> =>
  fit({ model, optimizer: sgd(model.parameters(), { lr: 0.1 }), loader: data, epochs: 2, ...options });

describe('labels outside the outputs are refused before anything changes', () => {
  const letters = Uint8Array.from({ length: 52 }, (_, i) => (i % 26) + 1);
  it('by fit(), which names the label, its index and the number of outputs', async () => {
    const model = nn.sequential(nn.linear(2, 26));
    const before = await valuesOf(model.stateDict());
    await expect(train(model, points(52, 8, letters))).rejects.toThrow(
      new RangeError(
        'fit: label 26 at index 25 is out of range: the model has 26 outputs, expected labels from 0 to 25',
      ),
    );
    expect(await valuesOf(model.stateDict())).toEqual(before);
    // The refusal is no use of the model.
    await train(
      model,
      points(
        52,
        8,
        letters.map((label) => label - 1),
      ),
    );
  });
  it('by evaluate()', async () => {
    await expect(evaluate(nn.sequential(nn.linear(2, 26)), points(52, 8, letters), 26)).rejects.toThrow(
      new RangeError(
        'evaluate: label 26 at index 25 is out of range: there are 26 classes, expected labels from 0 to 25',
      ),
    );
  });
  it('and real-valued targets by both', async () => {
    const data = points(3, 2, Float32Array.of(0.5, 1.7, -2.9));
    const message = 'expected class indices as labels, got real-valued targets (a Float32Array)';
    await expect(train(network(), data)).rejects.toThrow(new TypeError(`fit: ${message}`));
    await expect(evaluate(network(), data, 2)).rejects.toThrow(new TypeError(`evaluate: ${message}`));
  });
});

describe('fit() says before the first step', () => {
  it('that BatchNorm cannot be trained with the last batch of one, and what to do', async () => {
    const model = network();
    let steps = 0;
    const onBatch = () => {
      steps++;
    };
    await expect(train(model, points(51, 2), { onBatch })).rejects.toThrow(
      /^fit: the last batch has 1 .* cannot be trained: sequential: layer 1 \(BatchNorm1d\): batchNorm: .*; leave it out .* dropLast: true$/,
    );
    expect(steps).toBe(0);
    await train(nn.sequential(nn.linear(2, 2)), points(51, 2), { onBatch, epochs: 1 });
    expect(steps).toBe(26);
  });
  it('but not of a BatchNorm that is frozen, nor of images', async () => {
    const model = network();
    model.layers[1].eval();
    await train(model, points(51, 25), { epochs: 1 });
    const images = loader(dataset({ inputs: new Uint8Array(5 * 4), shape: [1, 2, 2], labels: new Uint8Array(5) }), {
      batchSize: 2,
    });
    await train(nn.sequential(nn.batchNorm2d(1), nn.flatten(), nn.linear(4, 2)), images, { epochs: 1 });
  });
  it('that there are no batches, or another kind of output', async () => {
    const none = loader(dataset({ inputs: numbers(6, 1), shape: [2], labels: new Uint8Array(3) }), {
      batchSize: 4,
      dropLast: true,
    });
    const message = 'the loader has no batches: dropLast with 3 examples and batchSize 4';
    await expect(train(network(), none)).rejects.toThrow(new RangeError(`fit: ${message}`));
    await expect(evaluate(network(), none, 2)).rejects.toThrow(new RangeError(`evaluate: ${message}`));
    await expect(train(nn.sequential(nn.linear(2, 2), nn.flatten(0)), points(8, 4))).rejects.toThrow(
      'fit: expected model outputs [4, C], got [8]',
    );
  });
  it.each([
    ['epochs', { epochs: NaN }, 'fit: expected epochs to be an integer >= 0, got NaN'],
    ['progressEvery', { progressEvery: 0 }, 'fit: expected progressEvery to be an integer >= 1, got 0'],
    ['schedulerEvery', { schedulerEvery: 1.5 }, 'fit: expected schedulerEvery to be an integer >= 1, got 1.5'],
  ])('that %s is no count', async (_, options, message) => {
    await expect(train(network(), points(8, 4), options)).rejects.toThrow(new RangeError(message));
  });
});

describe('batches are not overwritten', () => {
  const line = () => loader(dataset({ inputs: [1, 2, 3, 4], shape: [1], labels: [0, 1, 2, 3] }), { batchSize: 1 });
  it('by a second loop over the same loader', async () => {
    const data = line();
    const seen: number[][] = [];
    for await (const [outer] of data) {
      for await (const [inner] of data) seen.push([await outer.item(), await inner.item()]);
    }
    expect(seen).toEqual([1, 2, 3, 4].flatMap((a) => [1, 2, 3, 4].map((b) => [a, b])));
  });
  it('by the next one, where the tape needs them: the losses of two batches, one backward', async () => {
    // Σ w·x² over 1 and 3: 1 + 9 = 10.
    const w = tensor([1], { requiresGrad: true });
    const data = loader(dataset({ inputs: [1, 3], shape: [1], labels: [0, 1] }), { batchSize: 1 });
    let total: Tensor | null = null;
    for await (const [x] of data) {
      const term = sum(mul(w, mul(x, x)));
      total = total ? add(total, term) : term;
    }
    total?.backward();
    expect(await w.grad?.data()).toEqual(Float32Array.of(10));
  });
  it('by evaluate() on the training loader in a callback, which leaves the order of the epochs alone', async () => {
    const histories: Summary[][] = [];
    for (const looks of [false, true]) {
      const model = network();
      const data = points(30, 8);
      const look = async () => {
        if (looks) await evaluate(model, data, 2);
      };
      histories.push(await train(model, data, { onBatch: look, onEpoch: look }));
    }
    expect(histories[1]).toEqual(histories[0]);
  });
});

describe('two fit() at once', () => {
  it('on one model: the second is refused, the first goes on, and then another may', async () => {
    const model = network();
    const alone = await train(network(), points(30, 8));
    const first = train(model, points(30, 8));
    await expect(train(model, points(30, 8))).rejects.toThrow(ModelInUseError);
    expect(await first).toEqual(alone);
    await train(model, points(30, 8));
  });
  it('on two models learn what each learns by itself', async () => {
    const data = points(30, 8);
    const [a, b] = [network(), network()];
    const together = await Promise.all([train(a, points(30, 8)), train(b, points(30, 8))]);
    const alone = await train(network(), data);
    expect(together).toEqual([alone, alone]);
  });
});

describe('modes', () => {
  const modes = (model: nn.Sequential) => model.layers.map(({ training }) => training);
  it('of parts are left alone by fit(): a frozen BatchNorm does not move', async () => {
    const model = network();
    const norm = model.layers[1];
    norm.eval();
    const before = await Promise.all(norm.buffers().map((t) => t.data()));
    await train(model, points(30, 8));
    expect(await Promise.all(norm.buffers().map((t) => t.data()))).toEqual(before);
    expect(modes(model)).toEqual([true, false, true, true]);
  });
  it('are all training where the model is in evaluation mode', async () => {
    const model = network();
    model.eval();
    await train(model, points(30, 8));
    expect([model.training, ...modes(model)]).toEqual([true, true, true, true, true]);
  });
  it('come back in fit() where a callback leaves the model in evaluation mode', async () => {
    const histories: Summary[][] = [];
    for (const forgets of [false, true]) {
      const model = network();
      const onBatch = () => {
        if (forgets) model.eval();
      };
      histories.push(await train(model, points(30, 8), { onBatch }));
    }
    expect(histories[1]).toEqual(histories[0]);
  });
  it('are restored module by module by evaluate()', async () => {
    const model = network();
    model.layers[1].eval();
    await evaluate(model, points(30, 8), 2);
    expect([model.training, ...modes(model)]).toEqual([true, true, false, true, true]);
    model.eval();
    model.layers[3].train();
    await evaluate(model, points(30, 8), 2);
    expect([model.training, ...modes(model)]).toEqual([false, false, false, false, true]);
  });
  it('are restored when the model throws', async () => {
    const model = network();
    model.layers[1].eval();
    await expect(evaluate(model, points(30, 8), 3)).rejects.toThrow('confusionMatrix');
    expect(modes(model)).toEqual([true, false, true, true]);
  });
});

describe('fit() with an optimizer of the head alone', () => {
  it('moves the head and nothing else, step by step', async () => {
    const model = network();
    const [body, head] = [model.layers[0], model.layers[3]];
    const before = await valuesOf(body.stateDict());
    const history = await train(model, points(30, 8), { optimizer: sgd(head.parameters(), { lr: 0.1 }), epochs: 6 });
    expect(history[5].loss).toBeLessThan(history[0].loss);
    expect(await valuesOf(body.stateDict())).toEqual(before);
    expect(body.parameters().map(({ grad }) => grad)).toEqual([null, null]);
  });
});
