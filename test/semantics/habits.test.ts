import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  type BackwardOptions,
  capture,
  concat,
  data,
  DisposedError,
  keep,
  mul,
  nn,
  noGrad,
  ones,
  rand,
  slice,
  stack,
  std,
  sum,
  type Tensor,
  tidy,
  variance,
  where,
  zeros,
} from 'wgrad';
import { testDevice } from '../support/device';

beforeAll(testDevice);

it('a shape may be given as numbers', () => {
  expect(zeros(2, 3).shape).toEqual([2, 3]);
  expect(ones(4).shape).toEqual([4]);
  const ints = zeros(2, 3, { dtype: 'int32' });
  expect([ints.shape, ints.dtype]).toEqual([[2, 3], 'int32']);
  expect(() => rand(2, -1)).toThrow('rand: shape [2, -1] has an axis that is not an integer >= 1');
});

it('keepdim is the third argument of variance and std, as of sum', () => {
  const x = rand(2, 3);
  for (const reduce of [variance, std, sum]) {
    expect(reduce(x, 1, true).shape).toEqual([2, 1]);
    expect(reduce(x, 1, false).shape).toEqual([2]);
  }
});

it('keep() of a tensor that backward() has freed says when to call it', () => {
  const x = ones([2], { requiresGrad: true });
  const y = mul(x, 2);
  sum(y).backward();
  expect(() => keep(y)).toThrow(DisposedError);
  expect(() => keep(y)).toThrow(
    'keep: Tensor([2], float32) was freed before: call keep() as soon as it is made, before backward() or the end of tidy()',
  );
});

/** What `use` throws, or rejects with. */
async function messageOf(use: () => unknown): Promise<string> {
  try {
    await use();
  } catch (error) {
    return String(error);
  }
  throw new Error('nothing was thrown');
}

describe('a freed tensor tells what it was, what freed it, and what to do', () => {
  const w = (): Tensor => ones([2], { requiresGrad: true });

  it('by backward()', async () => {
    const y = mul(w(), 2);
    sum(y).backward();
    expect(await messageOf(() => y.data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2] (made by mul): backward() freed it; call keep() or retainGrad() on it before backward()"`,
    );
    expect(await messageOf(() => add(1, y))).toMatchInlineSnapshot(
      `"DisposedError: add: input 1 is a freed tensor of shape [2] (made by mul): backward() freed it; call keep() or retainGrad() on it before backward()"`,
    );
    for (const mark of [keep, (x: Tensor) => x.retainGrad()]) {
      const kept = mark(mul(w(), 2));
      sum(kept).backward();
      expect([...(await kept.data())]).toEqual([2, 2]);
    }
  });

  it('by tidy()', async () => {
    let y = ones(2);
    tidy(() => {
      y = ones([2, 3]);
    });
    expect(await messageOf(() => y.data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2, 3]: the end of tidy() freed it; return it from tidy(), or call keep() on it inside"`,
    );
  });

  it('by dispose(), after keep() too', async () => {
    const y = keep(mul(w(), 2));
    y.dispose();
    expect(await messageOf(() => y.data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2] (made by mul): dispose() freed it, which keep() does not prevent: call dispose() after its last use"`,
    );
    tidy(() => {
      y.dispose();
    });
    expect(await messageOf(() => y.data())).toContain('dispose() freed it');
  });

  it('by dispose() of the module that names it', async () => {
    const model = nn.sequential(nn.linear(2, 3));
    const [weight] = model.parameters();
    model.dispose();
    expect(await messageOf(() => weight.data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [3, 2] ('0.weight'): dispose() freed it, which keep() does not prevent: call dispose() after its last use"`,
    );
    expect(await messageOf(() => model.forward(ones([1, 2])))).toMatchInlineSnapshot(
      `"DisposedError: sequential: layer 0 (Linear): linear: input 1 is a freed tensor of shape [3, 2] ('0.weight'): dispose() freed it, which keep() does not prevent: call dispose() after its last use"`,
    );
  });

  it('by sequential()', async () => {
    const seen: Tensor[] = [];
    class Watch extends nn.Module {
      override forward(x: Tensor): Tensor {
        seen.push(x);
        return mul(x, 2);
      }
    }
    nn.sequential(nn.linear(2, 3), new Watch()).forward(ones([1, 2]));
    expect(await messageOf(() => seen[0].data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [1, 3] (made by linear): nn.sequential() freed it once the next layer had read it; call keep() on it in the layer that stores it"`,
    );
  });

  it('by a loader, at the next batch', async () => {
    const seen: Tensor[] = [];
    for await (const [x] of data.loader(data.dataset(new Float32Array(4)), { batchSize: 2 })) seen.push(x);
    expect(await messageOf(() => seen[0].data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2]: the loader freed it when the next batch was asked for; call keep() on it inside the loop"`,
    );
  });

  it('by the end of a hook', async () => {
    const x = w();
    const seen: Tensor[] = [];
    x.registerHook((gradient) => {
      seen.push(gradient);
    });
    sum(x).backward();
    expect(await messageOf(() => seen[0].data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2]: its hook has ended; call keep() on it inside the hook"`,
    );
  });

  it('by the next gradient', async () => {
    const x = w();
    sum(x).backward();
    const before = x.grad;
    sum(x).backward();
    expect(await messageOf(() => before?.data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2]: a later backward(), zeroGrad() or an optimizer replaced this gradient; read it before, or clone() it"`,
    );
  });

  it('by the end of a captured step, and by its next call', async () => {
    const seen: Tensor[] = [];
    const step = capture((x: Tensor) => {
      seen.push(mul(x, 3));
      return mul(x, 2);
    });
    const first = step(ones(2));
    step(ones(2));
    step(ones(2));
    expect(await messageOf(() => seen[0].data())).toMatchInlineSnapshot(
      `"DisposedError: this is a freed tensor of shape [2]: the captured function that made it has ended; return it from that function"`,
    );
    expect(await messageOf(() => first.data())).toMatchInlineSnapshot(
      `"DisposedError: a result of shape [2] of a captured step was used after a later call of the step had overwritten it: read it before, or copy it into a tensor of your own with copyFrom(); keep() does not prevent this"`,
    );
  });
});

describe('what people write elsewhere', () => {
  it('concat() and stack() take tensors as arguments too', async () => {
    const [a, b] = [ones([1, 2]), zeros([1, 2])];
    expect(concat(a, b).shape).toEqual([2, 2]);
    expect(concat(a, b, 1).shape).toEqual([1, 4]);
    expect(concat(a, b, a, -1).shape).toEqual([1, 6]);
    expect([...(await concat(a, b).data())]).toEqual([1, 1, 0, 0]);
    expect(stack(a, b).shape).toEqual([2, 1, 2]);
    expect(stack(a, b, 2).shape).toEqual([1, 2, 2]);
    expect(await messageOf(() => concat(...([a, b, 1, a] as never as [Tensor, Tensor])))).toMatchInlineSnapshot(
      `"TypeError: concat: expected a tensor as input 2, got 1"`,
    );
    expect(await messageOf(() => concat(a as never))).toMatchInlineSnapshot(
      `"TypeError: concat: expected an array as tensors, got a Tensor"`,
    );
  });

  it('bounds of slice as numbers', async () => {
    expect(await messageOf(() => slice(ones(3), 0 as never, 2 as never))).toMatchInlineSnapshot(
      `"TypeError: slice: expected arrays, an entry an axis: write slice(x, [0], [2])"`,
    );
  });

  it('a fraction beside integers', async () => {
    const ints = ones([2], { dtype: 'int32' });
    expect(await messageOf(() => mul(ints, 0.5))).toMatchInlineSnapshot(
      `"RangeError: mul: 0.5 is not an integer, which int32 holds: convert the tensor first, cast(x, 'float32')"`,
    );
    expect(await messageOf(() => where(ones(2), ints, NaN))).toMatchInlineSnapshot(
      `"RangeError: where: NaN is not an integer, which int32 holds: convert the tensor first, cast(x, 'float32')"`,
    );
  });

  it('backward() of what was computed under noGrad()', async () => {
    const x = ones([], { requiresGrad: true });
    expect(
      await messageOf(() => {
        noGrad(() => {
          mul(x, 2).backward();
        });
      }),
    ).toMatchInlineSnapshot(
      `"GraphError: backward: Tensor([], float32) has no graph: nothing that it was computed from required a gradient, or it was computed under noGrad(), or from gradients (gradients of gradients are not supported)"`,
    );
  });

  it('gradients of gradients', async () => {
    const y = mul(ones([], { requiresGrad: true }), 2);
    const options = { createGraph: true } as BackwardOptions;
    expect(
      await messageOf(() => {
        y.backward(options);
      }),
    ).toMatchInlineSnapshot(
      `"GraphError: backward: createGraph is not supported: no gradients of gradients, see docs/limits.md"`,
    );
  });
});
