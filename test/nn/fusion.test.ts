import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import { noGrad } from '../../src/autograd/mode';
import { Module } from '../../src/nn';
import * as nn from '../../src/nn';
import { mul } from '../../src/ops/elementwise/binary';
import { adam } from '../../src/optim';
import type { Device } from '../../src/runtime/device';
import type { DType } from '../../src/tensor/dtype';
import { ones, rand, randn, tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { record } from '../support/record';
import { expectSameBits } from '../support/same-bits';
import { seeded } from '../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** The MNIST network, small. */
const network = (): nn.Sequential =>
  nn.sequential(
    nn.conv2d(1, 8, 3, { padding: 'same' }),
    nn.relu(),
    nn.batchNorm2d(8),
    nn.maxPool2d(2),
    nn.dropout(0.25),
    nn.conv2d(8, 4, 3),
    nn.relu(),
    nn.flatten(),
    nn.linear(64, 12),
    nn.relu(),
    nn.batchNorm1d(12),
    nn.dropout(0.4),
    nn.linear(12, 6),
    nn.relu(),
    nn.linear(6, 3),
  );

/** Kernels launched by `fn`. */
function launches(fn: () => void): string[] {
  const names: string[] = [];
  const launch = device.launch.bind(device);
  device.launch = (one) => {
    names.push(one.kernel.name);
    launch(one);
  };
  try {
    fn();
  } finally {
    device.launch = launch;
  }
  return names;
}

type Results = Record<string, Tensor>;

const copyOf = async (made: Tensor): Promise<Tensor> => tensor(await made.data(), { shape: made.shape });

/** Everything that some training steps leave behind. */
async function train(fuse: boolean, captured: boolean): Promise<Results> {
  Object.assign(device.generator, { seed: 21, offset: 0 });
  const model = network();
  model.fuse = fuse;
  const optimizer = adam(model.parameters(), { lr: 1e-2 });
  const eager = (x: Tensor, y: Tensor<'int32'>): Tensor[] => {
    const out = model.forward(x);
    const seen = noGrad(() => mul(out, 1));
    const loss = nn.crossEntropy(out, y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return [loss, seen];
  };
  const step = captured ? capture(eager) : eager;
  const results: Results = {};
  for (let i = 0; i < 3; i++) {
    const [loss, out] = step(randn([5, 1, 12, 12]), tensor(Int32Array.from([0, 1, 2, 1, 0])));
    results[`loss ${i}`] = await copyOf(loss);
    results[`output ${i}`] = await copyOf(out);
  }
  for (const [name, { grad }] of model.namedParameters()) results[`gradient of ${name}`] = grad as Tensor;
  for (const [name, value] of Object.entries(model.stateDict())) {
    if ((value as Tensor<DType>).dtype === 'float32') results[name] = value;
  }
  return { ...results, next: rand([4]) };
}

describe('training with layers that share kernels', () => {
  it('has the bits of layers apart, eager and captured', async () => {
    const apart = await train(false, false);
    await expectSameBits(await train(true, false), apart);
    await expectSameBits(await train(true, true), apart);
  });
  it('has the bits of layers apart in evaluation', async () => {
    const model = network().eval();
    const x = randn([5, 1, 12, 12]);
    const run = (fuse: boolean) => {
      model.fuse = fuse;
      return { y: model.forward(x) };
    };
    await expectSameBits(run(true), run(false));
  });
  it('leaves no ReLU and no dropout to do', () => {
    const model = network();
    const step = () => {
      const y = model.forward(randn([5, 1, 12, 12]));
      y.backward({ gradient: ones(y.shape) });
      model.zeroGrad();
    };
    const together = launches(step);
    model.fuse = false;
    const apart = launches(step);
    const count = (names: string[], name: string) => names.filter((one) => one === name).length;
    // Behind a BatchNorm-less layer the gradient is masked in a pass of its own.
    expect([count(apart, 'unary'), count(together, 'unary')]).toEqual([8, 2]);
    expect([count(apart, 'dropout'), count(together, 'dropout')]).toEqual([4, 0]);
    expect(apart.length - together.length).toBe(10);
  });
});

describe('what is fused', () => {
  const KERNELS: [string, () => Module[], number[]][] = [
    ['BatchNorm2d, Dropout', () => [nn.batchNorm2d(4), nn.dropout()], [2, 4, 3, 3]],
    ['BatchNorm1d, Dropout', () => [nn.batchNorm1d(4), nn.dropout()], [3, 4]],
    ['ReLU, BatchNorm1d', () => [nn.relu(), nn.batchNorm1d(4)], [3, 4, 2]],
    ['ReLU, BatchNorm2d, Dropout', () => [nn.relu(), nn.batchNorm2d(4), nn.dropout()], [2, 4, 3, 3]],
  ];
  it.each(KERNELS)('%s', async (_, layers, shape) => {
    const model = nn.sequential(...layers());
    const run = (fuse: boolean) =>
      seeded(device, 4, () => {
        model.fuse = fuse;
        const x = Object.assign(randn(shape), { requiresGrad: true });
        const y = model.forward(x).retainGrad();
        y.backward({ gradient: randn(shape) });
        return { y, gradient: x.grad as Tensor };
      });
    await expectSameBits(run(true), run(false));
  });
  it('only the very classes of the library, with their own forward', () => {
    class Doubling extends nn.ReLU {
      override forward(x: Tensor): Tensor {
        return mul(super.forward(x), 2);
      }
    }
    class Renamed extends nn.Linear {}
    const changed = nn.relu();
    let seen = 0;
    changed.forward = (x) => {
      seen++;
      return x;
    };
    const names = launches(() => {
      nn.sequential(nn.linear(4, 4), new Doubling(), nn.batchNorm1d(4)).forward(rand([3, 4]));
      nn.sequential(new Renamed(4, 4), nn.relu()).forward(rand([3, 4]));
      nn.sequential(nn.linear(4, 4), changed, nn.batchNorm1d(4)).forward(rand([3, 4]));
    });
    expect(names.filter((name) => name === 'unary')).toHaveLength(2);
    expect(seen).toBe(1);
  });
  it('leaves the state dict and the text alone', () => {
    const model = network();
    const [keys, text] = [Object.keys(model.stateDict()), model.toString()];
    model.fuse = false;
    expect([Object.keys(model.stateDict()), model.toString()]).toEqual([keys, text]);
    expect(keys).toContain('10.running_mean');
  });
  it('draws anew at each replay', async () => {
    const model = nn.sequential(nn.batchNorm1d(8), nn.dropout(0.5));
    const x = randn([9, 8]);
    let y = x;
    const replay = record(device, () => (y = model.forward(x)));
    const first = await y.data();
    replay();
    expect(await y.data()).not.toEqual(first);
  });
});
