import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../src/autograd/gradcheck/gradcheck';
import { noGrad } from '../../src/autograd/mode';
import { Module } from '../../src/nn';
import * as nn from '../../src/nn';
import { mul } from '../../src/ops/elementwise/binary';
import { ones, rand, randn, tensor } from '../../src/tensor/create/create';
import { keep } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { expectClose } from '../support/compare';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const network = () =>
  nn.sequential(
    nn.conv2d(1, 3, 3, { padding: 'same' }),
    nn.batchNorm2d(3),
    nn.tanh(),
    nn.identity(),
    nn.avgPool2d(2),
    nn.flatten(),
    nn.dropout(0),
    nn.linear(12, 4),
    nn.batchNorm1d(4),
    nn.silu(),
  );

describe('memory', () => {
  it.each(['training', 'evaluation'])('only the output is left without a graph, in %s', (mode) => {
    const model = network().train(mode === 'training');
    const x = rand([5, 1, 4, 4]);
    const before = x.device.memory.used;
    const y = noGrad(() => model.forward(x));
    expect(y.shape).toEqual([5, 4]);
    expect(x.device.memory.used - before).toBe(y.storage.buffer.size);
    expect(x.disposed).toBe(false);
  });
  it('everything but the gradients is back after backward()', () => {
    const model = network();
    const run = () => {
      const x = rand([5, 1, 4, 4]);
      const y = model.forward(x);
      y.backward({ gradient: y });
      y.dispose();
      x.dispose();
    };
    run();
    const { device } = model.parameters()[0];
    const before = device.memory.used;
    run();
    expect(device.memory.used).toBe(before);
  });
  it('leaves alone what a layer keeps, and the input', () => {
    const seen: Tensor[] = [];
    class Observers extends Module {
      override forward(x: Tensor): Tensor {
        seen.push(this.training ? keep(x) : x.retainGrad());
        return mul(x, 2);
      }
    }
    const model = nn.sequential(nn.relu(), new Observers(), nn.relu(), new Observers().eval(), nn.relu());
    const x = rand([3]);
    model.forward(x);
    expect(seen.map((held) => held.disposed)).toEqual([false, false]);
    expect(x.disposed).toBe(false);
  });
});

describe('values', () => {
  it('passes through the layers in turn', async () => {
    const layer = nn.linear(2, 2);
    layer.loadStateDict({ weight: tensor([[1, 2], [3, 4]]), bias: tensor([-10, 1]) }); // prettier-ignore
    const model = nn.sequential(layer, nn.relu(), layer);
    await expectClose('y', model.forward(tensor([[1, 1]])), { shape: [1, 2], data: [0 + 16 - 10, 32 + 1] });
  });
  it('is the input itself without layers', () => {
    const x = ones([1]);
    expect(nn.sequential().forward(x)).toBe(x);
    expect(nn.sequential(nn.identity(), nn.sequential()).forward(x)).toBe(x);
  });
  it('has the right gradients', async () => {
    const model = network();
    const x = randn([24, 1, 4, 4]);
    x.requiresGrad = true;
    const inputs = [x, ...model.parameters()];
    await gradcheck((a) => model.forward(a), inputs, { name: 'network', elements: 4, rtol: 3e-2, atol: 3e-3 });
  });
  it('refuses what is no module', () => {
    const bad = [nn.relu(), nn.relu] as unknown as Module[];
    expect(() => nn.sequential(...bad)).toThrow('sequential: layer 1 is not a Module');
  });
});
