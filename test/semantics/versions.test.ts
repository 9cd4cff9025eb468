import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  capture,
  conv2d,
  data,
  exp,
  full,
  GraphError,
  linear,
  matmul,
  mean,
  mul,
  nn,
  noGrad,
  optim,
  reshape,
  sum,
  tensor,
  type Tensor,
} from '../../src';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const float = (...values: number[]): Float32Array => new Float32Array(values);
const gradOf = async (x: Tensor): Promise<number[]> => {
  if (!x.grad) expect.fail('no gradient');
  return [...(await x.grad.data())];
};

describe('a write between the forward and the backward pass is an error', () => {
  const writes: [string, (x: Tensor, sgd: optim.SGD) => void][] = [
    [
      'write',
      (x) => {
        x.write(float(100));
      },
    ],
    [
      'copyFrom',
      (x) => {
        x.copyFrom(tensor([100]));
      },
    ],
    [
      'nn.init.constant',
      (x) => {
        nn.init.constant(x, 100);
      },
    ],
    [
      'nn.init.normal',
      (x) => {
        nn.init.normal(x);
      },
    ],
    [
      'a write to detach()',
      (x) => {
        x.detach().write(float(100));
      },
    ],
    [
      'a write to a view',
      (x) => {
        noGrad(() => {
          reshape(x, [1, 1]).write(float(100));
        });
      },
    ],
    [
      'an optimizer step',
      (x, sgd) => {
        sum(mul(x, 2)).backward();
        sgd.step();
      },
    ],
  ];
  it.each(writes)('by %s to an input', (_, write) => {
    const x = leaf(3);
    const sgd = optim.sgd([x], { lr: 0.1 });
    const y = sum(mul(x, x));
    write(x, sgd);
    expect(() => {
      y.backward();
    }).toThrow(
      new GraphError(
        'backward: input 0 [1] of mul was written to after the forward pass, but the gradient depends on the values that it had: ' +
          'run backward() before the write or the optimizer step, or run the forward pass again after it',
      ),
    );
  });
  it('by write to a result', () => {
    const y = exp(leaf(3));
    y.write(float(100));
    expect(() => {
      y.backward();
    }).toThrow('backward: the result [1] of exp was written to after the forward pass');
  });
  it('which names a parameter', () => {
    const layer = nn.linear(2, 2);
    const loss = sum(layer.forward(tensor([[1, 2]], { requiresGrad: true })));
    nn.init.zeros(layer.weight);
    expect(() => {
      loss.backward();
    }).toThrow("backward: input 1 'Linear.weight' [2, 2] of linear was written to");
  });
  it('also where the gradient of a part is another op than the one that is wrong', () => {
    const y = add(leaf(3), 1);
    y.write(float(100));
    const z = mul(y, y);
    expect(() => {
      z.backward();
    }).toThrow('the result [1] of add was written to before mul read it');
  });
  it('also through a view', () => {
    const y = add(leaf(3), 1);
    const view = reshape(y, [1, 1]);
    y.write(float(100));
    const z = mul(view, view);
    expect(() => {
      z.backward();
    }).toThrow('was written to before mul read it');
  });
  it('and leaves gradients as they were', async () => {
    const x = leaf(3);
    mul(x, 2).backward();
    const y = mul(x, x);
    x.write(float(100));
    expect(() => {
      y.backward();
    }).toThrow(GraphError);
    expect(await gradOf(x)).toEqual([2]);
  });
});

describe('a write that the gradient does not depend on is none', () => {
  it.each<[string, (x: Tensor) => Tensor, number]>([
    ['add', (x) => add(x, 1), 1],
    ['mul by a number', (x) => mul(x, 7), 7],
    ['mul of a constant', (x) => mul(tensor([7]), x), 7],
    ['matmul by a constant', (x) => matmul(reshape(x, [1, 1]), tensor([[7]])), 7],
    ['linear of a constant', (x) => linear(tensor([[7]]), reshape(x, [1, 1])), 7],
    ['conv2d of a constant', (x) => conv2d(full([1, 1, 1, 1], 7), reshape(x, [1, 1, 1, 1])), 7],
    ['reshape', (x) => reshape(x, [1, 1]), 1],
  ])('%s', async (_, fn, expected) => {
    const x = leaf(3);
    const y = fn(x);
    x.write(float(100));
    y.backward();
    expect(await gradOf(x)).toEqual([expected]);
  });
  it('before the forward pass, and after the backward pass', async () => {
    const x = leaf(3);
    x.write(float(5));
    const y = mul(x, x);
    y.backward();
    x.write(float(100));
    expect(await gradOf(x)).toEqual([10]);
  });
  it('to a place that an optimizer moved the parameter to since: the graph reads where it was', async () => {
    const x = leaf(3);
    const y = mul(x, x);
    optim.sgd([x], { lr: 0.1 });
    x.write(float(100));
    y.backward();
    expect(await gradOf(x)).toEqual([6]);
  });
  it('to the next batch of a loader: losses of several can be added', async () => {
    const set = data.dataset({ inputs: float(1, 2, 3), labels: new Uint8Array([0, 0, 0]), shape: [1] });
    const w = leaf(1);
    const losses: Tensor[] = [];
    for await (const [inputs] of data.loader(set, { batchSize: 1 })) losses.push(mean(mul(mul(inputs, w), w)));
    losses.reduce(add).backward();
    // Σ x·w² has the gradient 2·w·Σ x.
    expect(await gradOf(w)).toEqual([12]);
  });
  it('a loop that steps after each backward pass', async () => {
    const w = leaf(3);
    const sgd = optim.sgd([w], { lr: 0.25 });
    for (let i = 0; i < 2; i++) {
      mul(w, w).backward();
      sgd.step();
    }
    // 3 - 0.25 · 6 = 1.5, 1.5 - 0.25 · 3 = 0.75
    expect([...(await w.data())]).toEqual([0.75]);
  });
});

describe('an optimizer step between two losses, as in a GAN', () => {
  const losses = () => {
    const w = leaf(3);
    const sgd = optim.sgd([w], { lr: 0.25 });
    return { w, sgd, first: mul(w, w), second: mul(w, w) };
  };
  it('is an error', () => {
    const { sgd, first, second } = losses();
    first.backward();
    sgd.step();
    expect(() => {
      second.backward();
    }).toThrow(GraphError);
  });
  it('gives 6 where both backward passes come first', async () => {
    const { w, sgd, first, second } = losses();
    first.backward();
    sgd.zeroGrad();
    second.backward();
    expect(await gradOf(w)).toEqual([6]);
    sgd.step();
  });
  it('is an error while a step is captured', () => {
    const w = leaf(3);
    const sgd = optim.sgd([w], { lr: 0.25 });
    const step = capture(() => {
      const [first, second] = [mul(w, w), mul(w, w)];
      first.backward();
      sgd.step();
      second.backward();
    });
    expect(() => {
      step();
    }).toThrow(GraphError);
    step.dispose();
  });
  it('is an error where a captured step writes', () => {
    const w = leaf(3);
    const sgd = optim.sgd([w], { lr: 0.25 });
    const step = capture(() => {
      mul(w, w).backward();
      sgd.step();
    });
    step();
    const before = mul(w, w);
    step();
    expect(() => {
      before.backward();
    }).toThrow(GraphError);
    step.dispose();
  });
  it('is an error where a captured step writes over its last result', () => {
    const w = leaf(3);
    const double = capture((x: Tensor) => mul(x, 2));
    const y = mul(double(tensor([1])), w);
    double(tensor([2]));
    expect(() => {
      y.backward();
    }).toThrow('a result of shape [1] of a captured step was used after a later call');
    double.dispose();
  });
});

it('running statistics may move on: the forward pass saved those that it used', async () => {
  const layer = nn.batchNorm1d(1).eval();
  const x = tensor([[1], [3]], { requiresGrad: true });
  const y = sum(layer.forward(x));
  layer.train().forward(x);
  y.backward();
  const slope = 1 / Math.sqrt(1 + 1e-5);
  expect(await gradOf(x)).toEqual([slope, slope].map((each) => expect.closeTo(each, 6) as number));
});
