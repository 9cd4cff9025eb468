import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import * as nn from '../../src/nn';
import { add, mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { keep } from '../../src/tensor/scope';
import { rand, tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

class Double extends nn.Module {
  override forward(x: Tensor): Tensor {
    return mul(x, 2);
  }
}

describe('a forward hook', () => {
  it('sees module, inputs and output of each call until it is removed', async () => {
    const double = new Double();
    const seen: [nn.Module, number, number][] = [];
    const values: Promise<number>[] = [];
    const handle = double.registerForwardHook((module, [x], output) => {
      seen.push([module, x.size, output.size]);
      values.push(output.item());
    });
    double.forward(tensor([1]));
    double.forward(tensor([2]));
    handle.remove();
    handle.remove();
    double.forward(tensor([3]));
    expect(seen).toEqual([
      [double, 1, 1],
      [double, 1, 1],
    ]);
    expect(await Promise.all(values)).toEqual([2, 4]);
    expect(Object.hasOwn(double, 'forward')).toBe(false);
  });

  it('gives another output, which the next hook sees', async () => {
    const double = new Double();
    const order: string[] = [];
    const plusOne = (_: nn.Module, __: unknown, output: Tensor): Tensor => {
      order.push('plus');
      return add(output, 1);
    };
    const first = double.registerForwardHook(plusOne);
    double.registerForwardHook(plusOne);
    double.registerForwardHook(() => {
      order.push('last');
    });
    expect(await double.forward(tensor([1])).item()).toBe(4);
    expect(order).toEqual(['plus', 'plus', 'last']);
    first.remove();
    expect(await double.forward(tensor([1])).item()).toBe(3);
  });

  it('runs in a Sequential with the same results as without', async () => {
    const model = nn.sequential(nn.linear(3, 4), nn.relu(), nn.linear(4, 2));
    const x = rand([2, 3]);
    const before = await model.forward(x).data();
    const activations: Tensor[] = [];
    const { remove } = model.layers[0].registerForwardHook((_, __, output) => {
      activations.push(keep(output));
    });
    expect(await model.forward(x).data()).toEqual(before);
    expect(await activations[0].data()).toEqual(await model.layers[0].forward(x).data());
    expect(activations).toHaveLength(2);
    remove();
    model.forward(x);
    expect(activations).toHaveLength(2);
  });

  it('is on a module whose forward is a field, too, and that comes back', async () => {
    class Field extends nn.Module {
      override forward = (x: Tensor): Tensor => mul(x, 3);
    }
    const module = new Field();
    const before = module.forward;
    const { remove } = module.registerForwardHook((_, __, output) => add(output, 1));
    expect(await module.forward(tensor([1])).item()).toBe(4);
    remove();
    expect(module.forward).toBe(before);
  });

  it('must be a synchronous function', () => {
    const double = new Double();
    expect(() => double.registerForwardHook(1 as never)).toThrow('registerForwardHook: expected a function, got 1');
    expect(Object.hasOwn(double, 'forward')).toBe(false);
    double.registerForwardHook((() => Promise.resolve()) as never);
    expect(() => double.forward(tensor([1]))).toThrow(
      'registerForwardHook: the hook returned a promise; expected a synchronous function',
    );
  });
});

describe('in a captured step a forward hook', () => {
  it('is called while the step is recorded, and its GPU work is replayed', async () => {
    const double = new Double();
    const total = tensor([0]);
    let calls = 0;
    double.registerForwardHook((_, __, output) => {
      calls++;
      total.copyFrom(add(total, sum(output)));
      return add(output, 1);
    });
    const step = capture((x: Tensor) => double.forward(x));
    const results: number[] = [];
    for (let i = 1; i <= 5; i++) results.push(await step(tensor([i])).item());
    expect(results).toEqual([3, 5, 7, 9, 11]);
    expect(await total.item()).toBe(30);
    // The first run and the check at the second.
    expect(calls).toBe(2);
  });

  it('that comes or goes leads to another recording, and cannot come inside', async () => {
    const double = new Double();
    const step = capture((x: Tensor) => double.forward(x));
    const run = async (): Promise<number> => step(tensor([1])).item();
    expect([await run(), await run(), await run()]).toEqual([2, 2, 2]);
    const { remove } = double.registerForwardHook((_, __, output) => add(output, 1));
    expect([await run(), await run(), await run()]).toEqual([3, 3, 3]);
    remove();
    expect(await run()).toBe(2);
    const registering = capture((x: Tensor) => {
      double.registerForwardHook(() => undefined);
      return double.forward(x);
    });
    expect(() => registering(tensor([1]))).toThrow(
      'capture: a forward hook is registered inside the function, where a replay would not repeat it; do it outside',
    );
  });
});
