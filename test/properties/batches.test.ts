import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, data, metrics, nn, optim, tensor, train } from 'wgrad';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';
import { softmaxRegressionStep, type Classifier } from '../support/reference/softmax-regression';

beforeAll(testDevice);

const [COUNT, FEATURES, CLASSES] = [10, 6, 3];
const inputs = numbers(COUNT * FEATURES, 1);
const labels = Int32Array.from({ length: COUNT }, (_, i) => (i * 7) % CLASSES);
const rows = Array.from(labels, (_, i) => inputs.subarray(i * FEATURES, (i + 1) * FEATURES));
const loaderOf = (batchSize: number) => data.loader(data.dataset({ inputs, shape: [FEATURES], labels }), { batchSize });

// Of 10 inputs: one alone each time, a last one alone, ragged ends, all at once, more than there are.
const SIZES = [1, 3, 4, 7, 10, 64];

describe.each(SIZES)('batches of %i of 10 inputs', (batchSize) => {
  it('train as gradient descent in float64 does', async () => {
    const model = nn.linear(FEATURES, CLASSES);
    const optimizer = optim.sgd(model.parameters(), { lr: 0.5 });
    let expected: Classifier = {
      weight: Float64Array.from(await model.weight.data()),
      bias: Float64Array.from((await model.bias?.data()) ?? []),
    };
    const history = await train.fit({ model, optimizer, loader: loaderOf(batchSize), epochs: 2 });
    for (const { loss } of history) {
      let total = 0;
      for (let at = 0; at < COUNT; at += batchSize) {
        const [some, classes] = [rows.slice(at, at + batchSize), [...labels.slice(at, at + batchSize)]];
        const step = softmaxRegressionStep(expected, some, classes, 0.5);
        total += step.loss * some.length;
        expected = step.next;
      }
      // Each input counts alike, also those of a small last batch.
      expect(loss).toBeCloseTo(total / COUNT, 5);
    }
    expectNumbersClose('weight', await model.weight.data(), expected.weight);
    expectNumbersClose('bias', (await model.bias?.data()) ?? [], expected.bias);
  });

  it('evaluate as one batch of all does', async () => {
    const model = nn.sequential(nn.linear(FEATURES, 8), nn.relu(), nn.batchNorm1d(8), nn.dropout(0.5), nn.linear(8, CLASSES)); // prettier-ignore
    const [all, found] = [
      await train.evaluate(model, loaderOf(COUNT), CLASSES),
      await train.evaluate(model, loaderOf(batchSize), CLASSES),
    ];
    expect(found.loss).toBeCloseTo(all.loss, 5);
    expect(found.accuracy).toBeCloseTo(all.accuracy, 6);
    expect(found.confusion).toEqual(all.confusion);
  });
});

describe('a batch of one image', () => {
  const image = () => tensor(numbers(64, 3), { shape: [1, 1, 8, 8] });
  const target = () => tensor(Int32Array.of(2));
  const body = () => [nn.conv2d(1, 4, 3, { padding: 'same' }), nn.relu(), nn.batchNorm2d(4), nn.maxPool2d(2), nn.flatten()]; // prettier-ignore

  it('trains a network whose normalisation sees a plane', async () => {
    const model = nn.sequential(...body(), nn.dropout(0.2), nn.linear(64, 3));
    const optimizer = optim.adam(model.parameters(), { lr: 1e-2 });
    const losses: number[] = [];
    for (let step = 0; step < 12; step++) {
      const logits = model.forward(image());
      const loss = crossEntropy(logits, target());
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[11]).toBeLessThan(0.5 * losses[0]);
    expect(await metrics.accuracy(model.eval().forward(image()), target()).item()).toBe(1);
  });

  it('has no variance to normalise rows by: training says so, evaluation goes by the running statistics', async () => {
    const model = nn.sequential(...body(), nn.linear(64, 5), nn.batchNorm1d(5), nn.linear(5, 3));
    expect(() => model.forward(image())).toThrow(
      'batchNorm: expected more than 1 value per channel when training, got input [1, 5]',
    );
    const logits = await model.eval().forward(image()).data();
    expect([...logits].every(Number.isFinite)).toBe(true);
  });
});
