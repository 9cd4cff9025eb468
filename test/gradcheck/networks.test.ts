import { beforeAll, describe, it } from 'vitest';
import { crossEntropy, defaultDevice, keep, mul, nn, sum, type Tensor } from 'wgrad';
import { mnistModel } from '../../examples/model';
import { testDevice } from '../support/device';
import { labels, within } from '../support/leaves';
import { pathcheck } from '../support/pathcheck';
import { seeded } from '../support/seeded';

beforeAll(testDevice);

const MODES = ['training', 'evaluation'] as const;

/** Neighbours as networks have them, which may share kernels. */
const NETWORKS: [string, () => nn.Sequential][] = [
  ['conv2d, relu', () => nn.sequential(nn.conv2d(3, 8, 3, { padding: 'same' }), nn.relu())],
  ['conv2d, relu, batchNorm', () => nn.sequential(nn.conv2d(3, 4, 3), nn.relu(), nn.batchNorm2d(4))],
  [
    'conv2d, relu, batchNorm, dropout',
    () => nn.sequential(nn.conv2d(3, 4, 3, { padding: 'same' }), nn.relu(), nn.batchNorm2d(4), nn.dropout(0.3)),
  ],
  [
    'conv2d, batchNorm, relu, maxPool, dropout',
    () => nn.sequential(nn.conv2d(3, 4, 3), nn.batchNorm2d(4), nn.relu(), nn.maxPool2d(2), nn.dropout(0.3)),
  ],
  [
    'batchNorm, relu, dropout, avgPool',
    () => nn.sequential(nn.batchNorm2d(3), nn.relu(), nn.dropout(0.3), nn.avgPool2d(2)),
  ],
  ['batchNorm, dropout', () => nn.sequential(nn.batchNorm2d(3), nn.dropout(0.3))],
  [
    'linear, relu, batchNorm, dropout',
    () => nn.sequential(nn.flatten(), nn.linear(126, 8), nn.relu(), nn.batchNorm1d(8), nn.dropout(0.3)),
  ],
  ['linear, relu, linear', () => nn.sequential(nn.flatten(), nn.linear(126, 6), nn.relu(), nn.linear(6, 4))],
];

describe.each(NETWORKS)('%s', (name, make) => {
  it.each(MODES)('has the gradients to input and parameters, in %s', async (mode) => {
    const model = seeded(defaultDevice(), 11, make).train(mode === 'training');
    const x = within(-1, 1, [4, 3, 6, 7]);
    let projection: Tensor | null = null;
    // Dropout drops the same elements each time.
    const loss = () =>
      seeded(x.device, 12, () => {
        const y = model.forward(x);
        projection ??= keep(within(-1, 1, y.shape, 3).detach());
        return sum(mul(y, projection));
      });
    await pathcheck(`${name}, ${mode}`, loss, [x, ...model.parameters()]);
    model.dispose();
  });
});

describe('the MNIST network', () => {
  it.each(MODES)('has the gradient of its loss by every parameter, in %s', async (mode) => {
    const model = seeded(defaultDevice(), 21, () => mnistModel({ channels: [4, 6], dense: [16, 12] }));
    const images = within(-1, 1, [6, 1, 28, 28]).detach();
    const classes = labels([6], 10);
    // Statistics that belong to such images, for the evaluation.
    seeded(images.device, 22, () => model.forward(images)).dispose();
    model.train(mode === 'training');
    const loss = () =>
      seeded(images.device, 22, () => crossEntropy(model.forward(images), classes, { reduction: 'sum' }));
    await pathcheck(`MNIST, ${mode}`, loss, model.parameters(), { elements: mode === 'training' ? 1 : 0 });
    model.dispose();
  });
});
