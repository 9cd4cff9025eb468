import { beforeAll, describe, expect, it } from 'vitest';
import { optim } from '../../src';
import * as nn from '../../src/nn';
import { add, mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { full, ones, rand } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

class Net extends nn.Module {
  readonly body = nn.sequential(nn.linear(3, 3), nn.batchNorm1d(3), nn.relu(), nn.dropout(0.5));
  readonly heads = new Map([['a', nn.linear(3, 2)]]);
  readonly scale = full([1], 2, { requiresGrad: true });
  readonly mask = ones([1]);
  readonly settings = { steps: [1, 2] };
  readonly shared = this.body;
  last: Tensor | null = null;
  override forward(x: Tensor): Tensor {
    const head = this.heads.get('a') as nn.Linear;
    return mul(head.forward(this.body.forward(x)), mul(this.scale, this.mask));
  }
}

describe('clone()', () => {
  it('copies modules, tensors and plain values into memory of their own', async () => {
    const net = new Net();
    net.body.eval();
    net.scale.requiresGrad = false;
    const copy = net.clone();
    expect(copy).toBeInstanceOf(Net);
    expect(copy.body).toBeInstanceOf(nn.Sequential);
    expect(copy.shared).toBe(copy.body);
    expect(copy.settings).toEqual(net.settings);
    expect(copy.settings.steps).not.toBe(net.settings.steps);
    expect([copy.training, copy.body.training, copy.body.layers[1].training]).toEqual([true, false, false]);
    expect(copy.scale.requiresGrad).toBe(false);
    expect(copy.parameters().filter(({ requiresGrad }) => requiresGrad)).toHaveLength(6);
    const [own, other] = [net.stateDict(), copy.stateDict()];
    expect(Object.keys(other)).toEqual(Object.keys(own));
    for (const [name, tensor] of Object.entries(other)) {
      expect(tensor).not.toBe(own[name]);
      expect(await tensor.data()).toEqual(await own[name].data());
    }
    expect(copy.mask).not.toBe(net.mask);
    expect(copy.heads.get('a')?.weight).toBe(other['heads.a.weight']);
  });

  it('computes the same and is trained apart', async () => {
    const net = new Net().eval();
    const x = rand([4, 3]);
    const copy = net.clone();
    const before = await net.forward(x).data();
    expect(await copy.forward(x).data()).toEqual(before);
    const sgd = optim.sgd(copy, { lr: 1 });
    sum(copy.train().forward(x)).backward();
    sgd.step();
    expect(await net.forward(x).data()).toEqual(before);
    expect(await copy.eval().forward(x).data()).not.toEqual(before);
    expect(net.parameters().every(({ grad }) => grad === null)).toBe(true);
    expect(await copy.clone().forward(x).data()).toEqual(await copy.forward(x).data());
    copy.dispose();
    expect(await net.forward(x).data()).toEqual(before);
  });

  it('leaves hooks behind', async () => {
    const layer = nn.relu();
    layer.registerForwardHook((_, __, output) => add(output, 1));
    expect(
      await layer
        .clone()
        .forward(ones([1]))
        .item(),
    ).toBe(1);
    expect(await layer.forward(ones([1])).item()).toBe(2);
  });

  it('refuses private fields, which only a constructor makes', () => {
    class Counting extends nn.Module {
      #calls = 0;
      override forward(x: Tensor): Tensor {
        this.#calls++;
        return mul(x, this.#calls);
      }
    }
    const message = 'clone: Counting has private #fields, which cannot be copied; override clone() there';
    expect(() => new Counting().clone()).toThrow(message);
    expect(() => nn.sequential(new (class extends Counting {})()).clone()).toThrow(/private #fields/);
  });

  it('is not refused by a class of the library', () => {
    const classes = Object.values(nn).filter(
      (value): value is typeof nn.Module => typeof value === 'function' && value.prototype instanceof nn.Module,
    );
    expect(classes.length).toBeGreaterThan(15);
    expect(classes.filter((each) => String(each).includes('this.#'))).toEqual([]);
  });

  it('refuses a forward that would go on using the original', () => {
    class Field extends nn.Module {
      readonly layer = nn.linear(1, 1);
      override forward = (x: Tensor): Tensor => this.layer.forward(x);
    }
    expect(() => nn.sequential(new Field()).clone()).toThrow(
      'clone: Field: forward is a field, which would go on using the original; write it as a method',
    );
  });
});

describe('parts of a model', () => {
  it('are frozen and released', async () => {
    const net = new Net();
    expect([net.numParameters(), net.numParameters({ trainable: true })]).toEqual([27, 27]);
    net.body.freeze();
    expect([net.numParameters({ trainable: true }), net.numParameters({ trainable: false })]).toEqual([9, 18]);
    const before = await net.body.parameters()[0].data();
    const adam = optim.adam(net, { lr: 0.1 });
    sum(net.forward(rand([4, 3]))).backward();
    adam.step();
    expect(await net.body.parameters()[0].data()).toEqual(before);
    expect(net.unfreeze()).toBe(net);
    expect(net.numParameters({ trainable: false })).toBe(0);
    expect(() => net.numParameters({ trainabel: true } as never)).toThrow(/did you mean trainable|trainable/);
  });

  it('are listed once, from the model down', () => {
    const net = new Net();
    expect(net.namedModules().map(([name]) => name)).toEqual([
      '',
      'body',
      'body.0',
      'body.1',
      'body.2',
      'body.3',
      'heads.a',
    ]);
    expect(net.modules()[0]).toBe(net);
  });

  it('have names in messages', () => {
    const layer = nn.linear(3, 3);
    const inner = nn.sequential(layer);
    const outer = nn.sequential(inner);
    const { weight } = layer;
    expect(weight.name).toBe('Linear.weight');
    inner.parameters();
    expect(weight.name).toBe('0.weight');
    optim.sgd(outer);
    expect(weight.name).toBe('0.0.weight');
    // Asked for from below, it stays what the model calls it.
    inner.parameters();
    expect(weight.name).toBe('0.0.weight');
    expect(() => optim.sgd([weight, weight])).toThrow(
      "sgd: parameter 1 '0.0.weight' [3, 3] is the same tensor or memory as parameter 0",
    );
  });
});
