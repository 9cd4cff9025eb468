import { beforeAll, describe, expect, it } from 'vitest';
import { Module, StateDictError } from '../../src/nn';
import * as nn from '../../src/nn';
import { add, mul } from '../../src/ops/elementwise/binary';
import { full, ones, tensor, zeros } from '../../src/tensor/create/create';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

class Block extends Module {
  readonly body = nn.sequential(nn.linear(2, 3), nn.relu(), nn.linear(3, 2, { bias: false }));
  readonly norms = [nn.batchNorm1d(2), nn.batchNorm1d(2, { affine: false })];
  readonly scale = this.parameter('scale', ones([1]));
  override forward(x: Tensor): Tensor {
    return add(this.norms[1].forward(this.norms[0].forward(x)), mul(this.body.forward(x), this.scale));
  }
}

const NAMES = [
  'scale',
  'body.0.weight',
  'body.0.bias',
  'body.2.weight',
  'norms.0.weight',
  'norms.0.bias',
  'norms.0.running_mean',
  'norms.0.running_var',
  'norms.0.num_batches_tracked',
  'norms.1.running_mean',
  'norms.1.running_var',
  'norms.1.num_batches_tracked',
];

describe('names', () => {
  it('are those of PyTorch', () => {
    expect(Object.keys(new Block().stateDict())).toEqual(NAMES);
    const model = nn.sequential(nn.conv2d(1, 2, 3), nn.batchNorm2d(2), nn.relu(), nn.sequential(nn.linear(2, 2)));
    expect(Object.keys(model.stateDict())).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
      '3.0.weight',
      '3.0.bias',
    ]);
  });
  it('tell parameters from buffers, and both are the live tensors', () => {
    const block = new Block();
    const trained = NAMES.filter((name) => !/running|tracked/.test(name));
    expect(block.namedParameters().map(([name]) => name)).toEqual(trained);
    expect(block.namedBuffers().map(([name]) => name)).toEqual(NAMES.filter((name) => !trained.includes(name)));
    expect(block.parameters()[0]).toBe(block.scale);
    expect(block.stateDict()['norms.0.running_mean']).toBe(block.norms[0].runningMean);
    expect(block.parameters().every((parameter) => parameter.requiresGrad)).toBe(true);
    expect(block.buffers().some((buffer) => buffer.requiresGrad)).toBe(false);
  });
  it('give a shared tensor once', () => {
    const shared = nn.linear(2, 2);
    const model = nn.sequential(shared, nn.relu(), shared);
    expect(model.parameters()).toEqual([shared.weight, shared.bias]);
    expect(Object.keys(model.stateDict())).toHaveLength(4);
  });
  it('must be new and without dots', () => {
    const build = (names: string[], made: Tensor) => () =>
      new (class Odd extends Module {
        readonly own = names.map((name) => this.parameter(name, made));
        override forward = (x: Tensor): Tensor => x;
      })();
    expect(build(['a', 'a'], ones([1]))).toThrow("Odd has two tensors named 'a'");
    expect(build(['a.b'], ones([1]))).toThrow("expected a name without dots, got 'a.b'");
    expect(build(['a'], zeros([1], { dtype: 'int32' }) as never)).toThrow(
      'parameter a: expected a float32 leaf, got int32',
    );
  });
});

describe('tree', () => {
  it('switches all modules between training and evaluation', () => {
    const block = new Block();
    const modes = (): boolean[] => {
      const list: boolean[] = [];
      block.apply((module) => list.push(module.training));
      return list;
    };
    expect(modes()).toEqual(new Array<boolean>(7).fill(true));
    expect(block.eval()).toBe(block);
    expect(modes()).toEqual(new Array<boolean>(7).fill(false));
    block.body.train();
    expect(block.training).toBe(false);
    expect(block.body.layers[0].training).toBe(true);
  });
  it('visits children before their parents', () => {
    const order: string[] = [];
    nn.sequential(nn.sequential(nn.relu()), nn.tanh()).apply((module) => order.push(module.constructor.name));
    expect(order).toEqual(['ReLU', 'Sequential', 'Tanh', 'Sequential']);
  });
  it('prints as in PyTorch', () => {
    const model = nn.sequential(
      nn.conv2d(1, 32, 3, { padding: 'same' }),
      nn.conv2d(32, 8, [3, 1], { stride: 2, padding: [1, 0], dilation: 2, groups: 4, bias: false }),
      nn.batchNorm2d(8),
      nn.sequential(nn.maxPool2d(2), nn.avgPool2d([2, 1], { padding: 0 }), nn.globalAvgPool2d()),
      nn.flatten(),
      nn.dropout(0.25),
      nn.leakyRelu(),
      nn.linear(8, 10),
      nn.softmax(1),
    );
    expect(String(model)).toBe(
      `Sequential(
  (0): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=same)
  (1): Conv2d(32, 8, kernel_size=(3, 1), stride=(2, 2), padding=(1, 0), dilation=(2, 2), groups=4, bias=False)
  (2): BatchNorm2d(8, eps=0.00001, momentum=0.1, affine=True, track_running_stats=True)
  (3): Sequential(
    (0): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1)
    (1): AvgPool2d(kernel_size=(2, 1), stride=(2, 1), padding=0)
    (2): GlobalAvgPool2d()
  )
  (4): Flatten(start_dim=1, end_dim=-1)
  (5): Dropout(p=0.25)
  (6): LeakyReLU(negative_slope=0.01)
  (7): Linear(in_features=8, out_features=10, bias=True)
  (8): Softmax(dim=1)
)`,
    );
  });
});

describe('memory', () => {
  it('keeps what is registered through a tidy', () => {
    const { block } = tidy(() => ({ block: new Block() }));
    expect(Object.values(block.stateDict()).some((held) => held.disposed)).toBe(false);
  });
  it('gives gradients and in the end everything back', () => {
    const x = ones([3, 2]);
    const before = x.device.memory.used;
    const block = new Block();
    const y = block.forward(x);
    y.backward({ gradient: x });
    y.dispose();
    expect(block.scale.grad).not.toBeNull();
    block.zeroGrad();
    expect(block.parameters().every((parameter) => parameter.grad === null)).toBe(true);
    block.dispose();
    expect(x.device.memory.used).toBe(before);
  });
});

describe('loadStateDict', () => {
  const values = async (module: Module) => {
    const state = module.stateDict();
    return Promise.all(Object.values(state).map((held) => held.data()));
  };
  it('copies in place', async () => {
    const [from, to] = [new Block(), new Block()];
    from.forward(ones([3, 2]));
    const own = to.stateDict();
    expect(to.loadStateDict(from.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect(await values(to)).toEqual(await values(from));
    expect(to.stateDict()).toEqual(own);
    expect(to.scale).not.toBe(from.scale);
    from.scale.write(new Float32Array([7]));
    expect(await to.scale.item()).toBe(1);
  });
  it('takes its own state, and that of a module in the same buffer', async () => {
    const model = nn.linear(2, 2);
    const before = await values(model);
    model.loadStateDict(model.stateDict());
    expect(await values(model)).toEqual(before);
    const arena = zeros([128]);
    const target = nn.linear(2, 2);
    const move = (parameter: Tensor, offset: number) => {
      const held = parameter.alias();
      parameter.rebind(arena.storage, offset);
      parameter.copyFrom(held);
    };
    move(model.weight, 0);
    move(target.weight, 256);
    target.loadStateDict(model.stateDict());
    expect(await values(target)).toEqual(before);
  });
  it('lists everything that is wrong and writes nothing', async () => {
    const model = nn.sequential(nn.linear(2, 3), nn.batchNorm1d(3));
    const before = await values(model);
    const odd = {
      ...Object.fromEntries(Object.entries(model.stateDict()).filter(([name]) => name !== '0.bias')),
      '0.weight': ones([3, 4]),
      '1.num_batches_tracked': full([], 1),
      extra: tensor([1]),
    };
    const load = (strict: boolean) => () => model.loadStateDict(odd, { strict });
    expect(load(true)).toThrow(StateDictError);
    expect(load(true)).toThrow(
      'loadStateDict: Sequential: missing: "0.bias"; unexpected: "extra"; ' +
        '"0.weight" is float32 [3, 4], the module has float32 [3, 2]; ' +
        '"1.num_batches_tracked" is float32 [], the module has int32 []',
    );
    expect(load(false)).toThrow(/^loadStateDict: Sequential: "0.weight" is/);
    expect(await values(model)).toEqual(before);
  });
  it('leaves what only one side has when not strict', async () => {
    const model = nn.linear(2, 3);
    const weight = full([3, 2], 5);
    const result = model.loadStateDict({ weight, extra: ones([1]) }, { strict: false });
    expect(result).toEqual({ missing: ['bias'], unexpected: ['extra'] });
    expect(await model.weight.data()).toEqual(await weight.data());
  });
});
