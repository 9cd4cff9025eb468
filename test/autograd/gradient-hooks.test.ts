import { beforeAll, describe, expect, it } from 'vitest';
import { optim } from '../../src';
import { capture } from '../../src/capture/capture';
import * as nn from '../../src/nn';
import { add, mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { full, ones, tensor } from '../../src/tensor/create/create';
import { GraphError } from '../../src/tensor/errors';
import { keep } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const leaf = (value: number): Tensor => full([1], value, { requiresGrad: true });
const gradOf = async (x: Tensor): Promise<number> => (x.grad as Tensor).item();

describe('a hook on a gradient', () => {
  it('sees the sum over all uses, of leaves and of results, once each', async () => {
    const x = leaf(3);
    const y = mul(x, x);
    const z = add(mul(y, 2), mul(y, 5));
    const seen: [string, Promise<number>][] = [];
    x.registerHook((grad) => void seen.push(['x', grad.item()]));
    y.registerHook((grad) => void seen.push(['y', grad.item()]));
    z.registerHook((grad) => void seen.push(['z', grad.item()]));
    z.backward();
    expect(seen.map(([name]) => name)).toEqual(['z', 'y', 'x']);
    expect(await Promise.all(seen.map(([, value]) => value))).toEqual([1, 7, 42]);
    expect(await gradOf(x)).toBe(42);
  });

  it('gives another gradient, in the order of registration, until it is removed', async () => {
    const x = leaf(1);
    const { remove } = x.registerHook((grad) => add(grad, 1));
    x.registerHook((grad) => mul(grad, 10));
    sum(x).backward();
    expect(await gradOf(x)).toBe(20);
    // Of this pass alone, before it is added.
    sum(x).backward();
    expect(await gradOf(x)).toBe(40);
    remove();
    sum(x).backward();
    expect(await gradOf(x)).toBe(50);
    const y = mul(x, 3).retainGrad();
    y.registerHook((grad) => mul(grad, 2));
    x.grad = null;
    sum(y).backward();
    expect([await gradOf(y), await gradOf(x)]).toEqual([2, 60]);
  });

  it('changes what an optimizer reads', async () => {
    const model = nn.linear(1, 1, { bias: false });
    nn.init.zeros(model.weight);
    const sgd = optim.sgd(model, { lr: 1 });
    model.weight.registerHook((grad) => mul(grad, -2));
    const constant = tensor([5]);
    const other = leaf(0);
    other.registerHook(() => constant);
    sum(add(model.forward(ones([1, 1])), other)).backward();
    sgd.step();
    expect(await model.weight.item()).toBe(2);
    expect(await gradOf(other)).toBe(5);
    expect(other.grad).not.toBe(constant);
    expect(await constant.item()).toBe(5);
  });

  it('may keep what it sees', async () => {
    const x = leaf(2);
    const y = mul(x, 3);
    const kept: Tensor[] = [];
    const passing: Tensor[] = [];
    y.registerHook((grad) => void kept.push(keep(grad)));
    y.registerHook((grad) => void passing.push(grad));
    x.registerHook((grad) => void passing.push(grad));
    sum(y).backward();
    expect(await kept[0].item()).toBe(1);
    expect(passing[1].disposed).toBe(true);
  });

  it('must fit', () => {
    expect(() => ones([1]).registerHook(() => undefined)).toThrow(GraphError);
    expect(() => ones([1]).registerHook(() => undefined)).toThrow(
      'registerHook: Tensor([1], float32) requires no gradient',
    );
    expect(() => leaf(1).registerHook('x' as never)).toThrow('registerHook: expected a function, got a string');
    const layer = nn.linear(1, 1, { bias: false });
    layer.parameters();
    const { remove } = layer.weight.registerHook(() => ones([2]));
    const backward = (): void => {
      sum(layer.forward(ones([1, 1]))).backward();
    };
    expect(backward).toThrow(
      "registerHook: expected a gradient of 'Linear.weight' float32 [1, 1] from the hook, got float32 [2]",
    );
    expect(layer.weight.grad).toBeNull();
    remove();
    layer.weight.registerHook((() => Promise.resolve()) as never);
    expect(backward).toThrow('registerHook: the hook returned a promise; expected a synchronous function');
  });
});

describe('in a captured step a hook on a gradient', () => {
  it('has its GPU work replayed, on leaves from outside and results inside', async () => {
    const w = leaf(1);
    w.registerHook((grad) => mul(grad, 10));
    const total = tensor([0]);
    let calls = 0;
    const step = capture((x: Tensor) => {
      const y = mul(w, x);
      y.registerHook((grad) => {
        calls++;
        total.copyFrom(add(total, grad));
        return mul(grad, 2);
      });
      w.grad = null;
      sum(mul(y, 3)).backward();
      return w.grad;
    });
    const grads: number[] = [];
    for (let i = 1; i <= 5; i++) {
      step(tensor([i]));
      grads.push(await gradOf(w));
    }
    expect(grads).toEqual([60, 120, 180, 240, 300]);
    expect(await total.item()).toBe(15);
    expect(calls).toBe(2);
    expect(step.recordings).toBe(1);
  });

  it('that comes or goes on a leaf leads to another recording', async () => {
    const w = leaf(1);
    const step = capture((x: Tensor) => {
      w.grad = null;
      sum(mul(w, x)).backward();
    });
    const run = async (): Promise<number> => {
      step(tensor([3]));
      return gradOf(w);
    };
    expect([await run(), await run(), await run()]).toEqual([3, 3, 3]);
    const { remove } = w.registerHook((grad) => mul(grad, 2));
    expect([await run(), await run(), await run()]).toEqual([6, 6, 6]);
    remove();
    expect(await run()).toBe(3);
  });

  it('is refused where a replay would not call it', () => {
    const w = leaf(1);
    const inside = capture((x: Tensor) => {
      w.registerHook(() => undefined);
      return mul(w, x);
    });
    expect(() => inside(ones([1]))).toThrow(
      'capture: a hook on the gradient of a leaf is registered inside the function, where a replay would not repeat it; do it outside',
    );
    const step = capture((x: Tensor) => sum(mul(x, 2)));
    step(leaf(1));
    const input = leaf(1);
    input.registerHook(() => undefined);
    expect(() => step(input)).toThrow(
      'capture: input 0 has a hook on its gradient, which would not be called; capture without it',
    );
  });
});
