import { beforeAll, describe, expect, it } from 'vitest';
import * as nn from '../../src/nn';
import { optim } from '../../src';
import { add, mul } from '../../src/ops/elementwise/binary';
import { matmul } from '../../src/ops/matmul/matmul';
import { sum } from '../../src/ops/reduce/reduce';
import { full, ones, rand, tensor, zeros } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

/** A module whose `forward` is not of interest. */
abstract class Silent extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

const leaf = (value = 1): Tensor => full([1], value, { requiresGrad: true });
const names = (module: nn.AnyModule): string[] => Object.keys(module.stateDict());

describe('children', () => {
  it('are in fields, arrays in arrays, sets, maps and plain objects', () => {
    class Net extends Silent {
      readonly alone = nn.linear(1, 1, { bias: false });
      readonly rows = [[nn.linear(1, 1, { bias: false })], [nn.relu(), nn.linear(1, 1, { bias: false })]];
      readonly heads = { left: nn.linear(1, 1, { bias: false }), deep: { right: nn.linear(1, 1, { bias: false }) } };
      readonly byName = new Map([['a', nn.linear(1, 1, { bias: false })]]);
      readonly byNumber = new Map([[7, nn.linear(1, 1, { bias: false })]]);
      readonly all = new Set([nn.linear(1, 1, { bias: false })]);
    }
    const paths = [
      'alone',
      'rows.0.0',
      'rows.1.1',
      'heads.left',
      'heads.deep.right',
      'byName.a',
      'byNumber.7',
      'all.0',
    ];
    expect(names(new Net())).toEqual(paths.map((path) => `${path}.weight`));
    expect(
      new Net()
        .train(false)
        .children()
        .every(({ training }) => !training),
    ).toBe(true);
  });

  it('are named by keys that can be parts of a name', () => {
    class Dotted extends Silent {
      readonly heads = { 'a.b': nn.relu() };
    }
    class Keyed extends Silent {
      readonly heads = new Map([[{}, nn.relu()]]);
    }
    class Weights extends Silent {
      readonly byLayer = new Map([[nn.relu, leaf()]]);
    }
    expect(() => new Dotted().parameters()).toThrow("Dotted: module heads.a.b: expected a key without dots, got 'a.b'");
    expect(() => new Keyed().children()).toThrow(
      'Keyed: module heads.[object Object]: expected strings or numbers as keys of a Map, got an object',
    );
    expect(() => new Weights().parameters()).toThrow(/expected strings or numbers as keys of a Map, got a function$/);
  });

  it('are neither modules further up nor in objects of other classes, functions and private fields', () => {
    class Holder {
      readonly layer = nn.linear(1, 1);
    }
    class Child extends Silent {
      parent: nn.AnyModule | null = null;
      readonly holder = new Holder();
      readonly #hidden = nn.linear(1, 1);
      readonly lazily = (): nn.Module => this.#hidden;
      readonly scale = leaf();
    }
    class Parent extends Silent {
      readonly child = new Child();
      readonly circle: unknown[] = [];
      constructor() {
        super();
        this.child.parent = this;
        this.circle.push(this.circle);
      }
    }
    const parent = new Parent();
    expect(names(parent)).toEqual(['child.scale']);
    expect(parent.eval().child.training).toBe(false);
    expect(parent.modules()).toEqual([parent, parent.child]);
  });
});

describe('leaves that require a gradient', () => {
  it('are parameters under the names of their fields', () => {
    class Net extends Silent {
      readonly scale = leaf();
      readonly list = [leaf(), leaf()];
      readonly named = { bias: leaf() };
      readonly mask = ones([1]);
      readonly result = mul(this.scale, 2);
      readonly count = tensor([1], { dtype: 'int32' });
    }
    const net = new Net();
    expect(net.namedParameters()).toEqual([
      ['scale', net.scale],
      ['list.0', net.list[0]],
      ['list.1', net.list[1]],
      ['named.bias', net.named.bias],
    ]);
    expect(names(net)).toEqual(['scale', 'list.0', 'list.1', 'named.bias']);
  });

  it('are trained, stay parameters when frozen, and are saved and loaded', async () => {
    class Scaled extends nn.Module {
      readonly scale = leaf(3);
      override forward(x: Tensor): Tensor {
        return mul(x, this.scale);
      }
    }
    const model = new Scaled();
    const sgd = optim.sgd(model, { lr: 1 });
    sum(model.forward(ones([1]))).backward();
    sgd.step();
    expect(await model.scale.item()).toBe(2);
    expect(names(model.freeze())).toEqual(['scale']);
    expect(model.scale.requiresGrad).toBe(false);
    model.loadStateDict({ scale: full([1], 5) });
    expect(await model.scale.item()).toBe(5);
  });
});

describe('a tensor assigned to a field', () => {
  it('replaces the parameter, also one registered under another name', () => {
    const layer = nn.linear(2, 2) as { weight: Tensor } & nn.Linear;
    const weight = zeros([2, 2]);
    layer.weight = weight;
    expect(layer.parameters()[0]).toBe(weight);
    expect(weight.requiresGrad).toBe(true);
    expect(names(layer)).toEqual(['weight', 'bias']);

    class Renamed extends Silent {
      inner = this.parameter('the_scale', ones([1]));
      other = this.parameter('theOther', ones([1]));
    }
    const renamed = new Renamed();
    expect(names(renamed)).toEqual(['the_scale', 'theOther']);
    renamed.inner = full([1], 2);
    expect(renamed.stateDict().the_scale).toBe(renamed.inner);

    const norm = nn.batchNorm1d(2) as { runningMean: Tensor | null } & nn.BatchNorm1d;
    norm.runningMean = ones([2]);
    expect(norm.stateDict().running_mean).toBe(norm.runningMean);
    expect(norm.runningMean.requiresGrad).toBe(false);
  });

  it('stays frozen where the replaced one was, and null removes it', () => {
    const layer = nn.linear(2, 2) as { weight: Tensor; bias: Tensor | null } & nn.Linear;
    layer.freeze();
    layer.weight = zeros([2, 2]);
    layer.bias = null;
    expect(names(layer)).toEqual(['weight']);
    expect(layer.weight.requiresGrad).toBe(false);
  });

  it('must be one that can be trained', () => {
    const layer = nn.linear(2, 2) as { weight: Tensor } & nn.Linear;
    layer.weight = mul(layer.weight, 2);
    expect(() => layer.parameters()).toThrow('Linear: weight: expected a float32 leaf, got the result of an op');
    layer.weight = ones([2, 2], { dtype: 'int32' }) as never;
    expect(() => optim.adam(layer)).toThrow('Linear: weight: expected a float32 leaf, got int32');
  });
});

describe('tied weights', () => {
  class Tied extends nn.Module {
    readonly embedding = nn.linear(3, 3, { bias: false });
    readonly head = nn.linear(3, 3, { bias: false }) as { weight: Tensor } & nn.Linear;
    constructor() {
      super();
      this.head.weight = this.embedding.weight;
    }
    override forward(x: Tensor): Tensor {
      return this.head.forward(this.embedding.forward(x));
    }
  }

  it('are one parameter, counted and trained once', async () => {
    const model = new Tied();
    expect(model.namedParameters()).toEqual([['embedding.weight', model.embedding.weight]]);
    expect(model.numParameters()).toBe(9);
    const x = ones([1, 3]);
    const before = await model.embedding.weight.data();
    const sgd = optim.sgd(model, { lr: 0.1 });
    sum(model.forward(x)).backward();
    const grad = await (model.embedding.weight.grad as Tensor).data();
    sgd.step();
    const after = await model.head.weight.data();
    after.forEach((value, i) => {
      expect(value).toBeCloseTo(before[i] - 0.1 * grad[i], 5);
    });
  });

  it('have both names in the state dict and need one of them', async () => {
    const [from, into] = [new Tied(), new Tied()];
    const dict = from.stateDict();
    expect(Object.keys(dict)).toEqual(['embedding.weight', 'head.weight']);
    const kept = into.embedding.weight;
    for (const name of ['embedding.weight', 'head.weight']) {
      const values = rand([3, 3]);
      expect(into.loadStateDict({ [name]: values })).toEqual({ missing: [], unexpected: [] });
      expect(await into.head.weight.data()).toEqual(await values.data());
    }
    into.loadStateDict(dict);
    expect(into.head.weight).toBe(kept);
    expect(await kept.data()).toEqual(await from.embedding.weight.data());
    expect(() => into.loadStateDict({})).toThrow('missing: "embedding.weight", "head.weight"');
  });

  it('stay tied in a clone', () => {
    const copy = new Tied().clone();
    expect(copy.head.weight).toBe(copy.embedding.weight);
    expect(copy.parameters()).toHaveLength(1);
  });

  it('are allowed by plain fields too', () => {
    class Transposed extends nn.Module {
      readonly encoder = nn.linear(2, 3);
      readonly decoder = this.encoder.weight;
      override forward(x: Tensor): Tensor {
        return matmul(this.encoder.forward(x), this.decoder);
      }
    }
    const model = new Transposed();
    expect(model.parameters()).toHaveLength(2);
    expect(model.forward(ones([1, 2])).shape).toEqual([1, 2]);
    expect(add(model.decoder, 0).shape).toEqual([3, 2]);
  });
});
