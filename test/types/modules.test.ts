import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import { nn, optim } from '../../src';
import { add, mul } from '../../src/ops/elementwise/binary';
import { ones } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

/** Several results, in an object. */
class Encoder extends nn.Module {
  readonly body = nn.linear(4, 3);
  override forward(x: Tensor): { mean: Tensor; logVar: Tensor } {
    const mean = this.body.forward(x);
    return { mean, logVar: mul(mean, 2) };
  }
}

/** A tuple of results, and an input that can be left out. */
class Cell extends nn.Module {
  override forward(x: Tensor, state: Tensor | null = null): [output: Tensor, state: Tensor] {
    const next = state ? add(x, state) : x;
    return [next, next];
  }
}

/** An input that is no tensor. */
class Repeated extends nn.Module {
  readonly layer = nn.linear(4, 4);
  override forward(x: Tensor, steps = 3): Tensor {
    for (let i = 0; i < steps; i++) x = this.layer.forward(x);
    return x;
  }
}

class First extends nn.Module {
  override forward([x]: readonly [Tensor, ...Tensor[]]): Tensor {
    return x;
  }
}

/** No tensors at all. */
class Words extends nn.Module {
  override forward(text: string): string[] {
    return text.split(' ');
  }
}

describe('forward takes and returns what a module says', () => {
  it('by its own type', () => {
    expectTypeOf<Encoder['forward']>().returns.toEqualTypeOf<{ mean: Tensor; logVar: Tensor }>();
    expectTypeOf<Repeated['forward']>().parameters.toEqualTypeOf<[x: Tensor, steps?: number]>();
    expectTypeOf(new Words().forward('a b')).toEqualTypeOf<string[]>();
    expect(new Words().forward('a b')).toEqual(['a', 'b']);
    expect(new Repeated().forward(ones([1, 4]), 2).shape).toEqual([1, 4]);
  });

  it('as any module, as one from tensor to tensor, and as another', () => {
    expectTypeOf<Encoder>().toExtend<nn.AnyModule>();
    expectTypeOf<Words>().toExtend<nn.AnyModule>();
    expectTypeOf<nn.Linear>().toExtend<nn.Module>();
    expectTypeOf<Repeated>().toExtend<nn.Module<[Tensor, number]>>();
    expectTypeOf<Encoder>().not.toExtend<nn.Module>();
    expectTypeOf<nn.Module['forward']>().returns.toEqualTypeOf<Tensor>();
    expectTypeOf<nn.Sequential>().toExtend<nn.Module>();
  });

  it('through sequential', () => {
    const model = nn.sequential(new Repeated(), nn.relu(), new Cell());
    expectTypeOf<(typeof model)['forward']>().parameters.toEqualTypeOf<[x: Tensor, steps?: number]>();
    expectTypeOf<(typeof model)['forward']>().returns.toEqualTypeOf<[output: Tensor, state: Tensor]>();
    const joined = nn.sequential(new Cell(), new First(), nn.relu());
    expect([model.layers.length, joined.layers.length]).toEqual([3, 3]);
    const plain = nn.sequential(nn.linear(2, 2), nn.relu());
    expectTypeOf(plain).toEqualTypeOf<nn.Sequential>();
    expectTypeOf<(typeof joined)['forward']>().returns.toEqualTypeOf<Tensor>();
    const some: nn.Module[] = [nn.relu(), nn.tanh()];
    expectTypeOf(nn.sequential(...some).forward(ones([1]))).toEqualTypeOf<Tensor>();
    // @ts-expect-error: a Cell returns two tensors, which relu() does not take.
    nn.sequential(new Cell(), nn.relu());
    // @ts-expect-error: no module.
    expect(() => nn.sequential((x: Tensor) => x)).toThrow('sequential: layer 0 is not a Module');
  });

  it('through capture', () => {
    const encoder = new Encoder();
    const step = capture((x: Tensor) => encoder.forward(x));
    expectTypeOf(step).returns.toEqualTypeOf<{ mean: Tensor; logVar: Tensor }>();
    expect(step(ones([2, 4])).logVar.shape).toEqual([2, 3]);
  });

  it('through hooks', () => {
    new Cell().registerForwardHook((cell, inputs, output) => {
      expectTypeOf(cell).toEqualTypeOf<Cell>();
      expectTypeOf(inputs).toEqualTypeOf<[x: Tensor, state?: Tensor | null]>();
      expectTypeOf(output).toEqualTypeOf<[output: Tensor, state: Tensor]>();
    });
  });
});

it('optimizers take a module or its parameters', () => {
  expectTypeOf(optim.adam).parameter(0).toExtend<Iterable<Tensor> | nn.AnyModule>();
  expectTypeOf<Encoder>().toExtend<Parameters<typeof optim.sgd>[0]>();
});
