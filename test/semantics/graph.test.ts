import { beforeAll, describe, expect, it } from 'vitest';
import { add, DisposedError, GraphError, mul, noGrad, optim, sum, tensor, tidy, type Tensor } from '../../src';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const gradOf = async (x: Tensor): Promise<number[] | null> => x.grad && [...(await x.grad.data())];
const backward = (x: Tensor, options = {}) => {
  return () => {
    x.backward(options);
  };
};

describe('requiresGrad that is switched between the forward and the backward pass', () => {
  it('on: was not part of the graph, as in PyTorch', async () => {
    const [x, w] = [leaf(2), tensor([3])];
    const y = mul(x, w);
    w.requiresGrad = true;
    y.backward();
    expect(await gradOf(x)).toEqual([3]);
    expect(w.grad).toBeNull();
  });
  it('off: gets no gradient, as in PyTorch', async () => {
    const [x, w] = [leaf(2), leaf(3)];
    const y = mul(x, w);
    w.requiresGrad = false;
    y.backward();
    expect(await gradOf(x)).toEqual([3]);
    expect(w.grad).toBeNull();
  });
  it('on, and then another graph', async () => {
    const w = tensor([3]);
    expect(backward(mul(w, w))).toThrow(GraphError);
    w.requiresGrad = true;
    mul(w, w).backward();
    expect(await gradOf(w)).toEqual([6]);
  });
  it('of a result is an error', () => {
    const y = add(leaf(1), 1);
    const off = () => {
      y.requiresGrad = false;
    };
    expect(off).toThrow(GraphError);
    expect(off).toThrow(
      'requiresGrad: Tensor([1], float32) is the result of add; only a leaf can be switched, see detach()',
    );
    const detached = y.detach();
    detached.requiresGrad = true;
    expect(detached.requiresGrad).toBe(true);
  });
});

describe('backward() where there is no graph says why', () => {
  it.each<[string, () => Tensor]>([
    ['under noGrad', () => noGrad(() => mul(leaf(1), 2))],
    ['of a leaf', () => leaf(1)],
    ['of constants', () => mul(tensor([1]), 2)],
    ['of detach()', () => mul(leaf(1), 2).detach()],
  ])('%s', (_, make) => {
    const y = make();
    expect(backward(y)).toThrow(GraphError);
    expect(backward(y)).toThrow(/^backward: Tensor\(\[1\], float32\) has no graph: .*under noGrad\(\)/);
  });
  it('of a gradient', () => {
    const x = leaf(1);
    mul(x, x).backward();
    if (!x.grad) expect.fail('no gradient');
    for (const y of [x.grad, mul(x.grad, 2)]) {
      expect(backward(y)).toThrow(GraphError);
      expect(backward(y)).toThrow('gradients of gradients are not supported');
    }
  });
});

describe('errors of the graph are of the library', () => {
  it('a graph used twice', () => {
    const y = mul(leaf(1), 2);
    y.backward();
    expect(backward(y)).toThrow(GraphError);
    expect(backward(y)).toThrow('freed by an earlier backward(); pass { retainGraph: true } to that one');
  });
  it('a freed tensor', async () => {
    const y = mul(leaf(1), 2);
    y.dispose();
    expect(backward(y)).toThrow(DisposedError);
    await expect(y.data()).rejects.toThrow(DisposedError);
  });
  it('a gradient that is no tensor', () => {
    const y = mul(leaf(1, 2), 2);
    expect(backward(y, { gradient: [1, 1] })).toThrow(
      new TypeError('backward: expected a tensor as gradient, got an array of length 2'),
    );
    y.backward({ gradient: tensor([1, 1]) });
  });
});

it('a backward pass that is refused changes nothing: gradients in an arena, and the graph', async () => {
  const [v, w] = [leaf(1), leaf(3)];
  const sgd = optim.sgd([v, w], { lr: 0.1 });
  sum(mul(v, 5)).backward();
  sgd.step();
  const before = await gradOf(v);
  const y = tidy(() => mul(mul(w, w), mul(v, 7)));
  w.write([100]);
  expect(backward(y)).toThrow('input 0 [1] of mul was written to');
  expect(await gradOf(v)).toEqual(before);
});
