import { beforeAll, describe, expect, it } from 'vitest';
import * as nn from '../../src/nn';
import * as optim from '../../src/optim';
import { tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { expectClose, expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { loadVectors } from './vectors';

interface Network {
  /** Training steps, one batch each. */
  steps: number;
  /** Of both pairs of convolutions. */
  channels: number[];
  /** Widths of the hidden dense layers. */
  dense: number[];
  lr: number;
  losses: number[];
}

interface Tolerances {
  /** Absolute, of the losses. */
  losses: number;
  /** Absolute, of weights and running statistics. */
  weights: number;
  /** Of a gradient, as a share of the root of its mean square. */
  gradOfRms: number;
}

const { lookup, metadata } = await loadVectors('cnn');
const network = metadata.network as Network;
const tolerances = metadata.tolerances as Tolerances;

const load = (name: string): Tensor => tensor(lookup(name).data, { shape: lookup(name).shape }) as Tensor;

/** The MNIST network; its dropout layers drop nothing here. */
function build(): nn.Sequential {
  const layers: nn.Module[] = [];
  let last = 1;
  for (const channels of network.channels) {
    for (let i = 0; i < 2; i++) {
      layers.push(nn.conv2d(last, channels, 3, { padding: 'same' }), nn.relu(), nn.batchNorm2d(channels));
      last = channels;
    }
    layers.push(nn.maxPool2d(2), nn.dropout(0));
  }
  layers.push(nn.flatten());
  last *= 7 * 7;
  for (const width of network.dense) {
    layers.push(nn.linear(last, width), nn.relu(), nn.batchNorm1d(width), nn.dropout(0));
    last = width;
  }
  return nn.sequential(...layers, nn.linear(last, 10));
}

async function checkGradients(model: nn.Sequential): Promise<void> {
  for (const [name, { grad }] of model.namedParameters()) {
    const expected = lookup(`grad.${name}`);
    if (!grad) expect.fail(`backward() left no gradient for ${name}`);
    const rms = Math.hypot(...expected.data) / Math.sqrt(expected.data.length);
    await expectClose(`gradient of ${name}`, grad, expected, { atol: tolerances.gradOfRms * rms, rtol: 1e-5 });
  }
}

describe('PyTorch: a network in training', () => {
  beforeAll(testDevice);
  it('has the same losses, first gradients and final state', async () => {
    const model = build();
    const names = Object.keys(model.stateDict());
    model.loadStateDict(Object.fromEntries(names.map((name) => [name, load(`initial.${name}`)])));
    const adam = optim.adam(model.parameters(), { lr: network.lr });
    const losses: number[] = [];
    for (let step = 0; step < network.steps; step++) {
      adam.zeroGrad();
      const loss = nn.crossEntropy(model.forward(load(`images.${step}`)), load(`labels.${step}`));
      loss.backward();
      if (step === 0) await checkGradients(model);
      adam.step();
      losses.push(await loss.item());
    }
    expectNumbersClose('losses', losses, network.losses, { atol: tolerances.losses, rtol: 0 });
    for (const [name, value] of Object.entries(model.stateDict())) {
      await expectClose(`final ${name}`, value, lookup(`final.${name}`), { atol: tolerances.weights, rtol: 1e-5 });
    }
  });
});
