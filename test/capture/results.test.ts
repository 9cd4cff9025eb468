import { expect } from 'vitest';
import { add, keep, mul, nn, optim, reshape, sum, tidy, zeros, type Tensor } from '../../src';
import { same } from './harness';

same('what is returned', {
  'a parameter': async ({ step, log, data }) => {
    const w = data([3], { requiresGrad: true });
    const f = step((x) => {
      w.copyFrom(mul(x, 2));
      return w;
    });
    for (let i = 0; i < 4; i++) {
      const out = f(data([3]));
      expect(out).toBe(w);
      await log(out);
    }
    await log(w);
  },
  'an input': async ({ step, log, data }) => {
    const f = step((x, y) => [y, x, mul(x, y)]);
    const [x, y] = [data([3]), data([3])];
    for (let i = 0; i < 3; i++) {
      const [a, b, c] = f(x, y);
      expect([a, b]).toEqual([y, x]);
      for (const each of [a, b, c]) await log(each);
    }
    await log(x);
  },
  'a gradient': async ({ step, log, data }) => {
    const w = data([3], { requiresGrad: true });
    const f = step((x) => {
      w.grad = null;
      sum(mul(mul(x, w), w)).backward();
      return { grad: w.grad };
    });
    for (let i = 0; i < 4; i++) {
      const { grad } = f(data([3]));
      expect(grad).toBe(w.grad);
      await log(grad);
    }
  },
  'a running total': async ({ step, log, data }) => {
    const total = zeros([]);
    const f = step((x) => {
      total.copyFrom(add(total, sum(x)));
      return total;
    });
    for (let i = 0; i < 5; i++) await log(f(data([3])));
    await log(total);
  },
  'one tensor twice': async ({ step, log, data }) => {
    const f = step((x) => {
      const y = mul(x, 2);
      return { a: y, b: [y, y] };
    });
    for (let i = 0; i < 3; i++) {
      const { a, b } = f(data([3]));
      expect(b[0]).toBe(a);
      for (const each of [a, ...b]) await log(each);
      a.dispose();
      expect(b[1].disposed).toBe(true);
    }
  },
  'views of an input and of a parameter': async ({ step, log, data }) => {
    const w = data([4]);
    const f = step((x) => [reshape(x, [2, 2]), reshape(w, [2, 2]), w.detach()]);
    for (let i = 0; i < 3; i++) {
      const x = data([4]);
      for (const each of f(x)) await log(each);
      await log(x);
    }
    await log(w);
  },
  'nothing, constants, nested objects': async ({ step, log, data }) => {
    const f = step((x) => ({ n: 3, text: 'a', none: null, deep: { y: [mul(x, 2)] } }));
    const g = step((): unknown => undefined);
    for (let i = 0; i < 4; i++) {
      const { n, text, none, deep } = f(data([3]));
      await log([n, text, none]);
      await log(deep.y[0]);
      await log(g());
    }
  },
  'disposed at once, and inside tidy': async ({ step, log, data }) => {
    const f = step((x) => mul(x, 2));
    for (let i = 0; i < 5; i++) {
      f(data([3])).dispose();
      const y = tidy(() => add(f(data([3])), 1));
      await log(y);
    }
  },
  'kept in memory of one’s own': async ({ step, log, data }) => {
    const f = step((x) => mul(x, 2));
    const all: Tensor[] = [];
    for (let i = 0; i < 4; i++) {
      const own = zeros([3]);
      own.copyFrom(f(data([3])));
      all.push(own);
    }
    for (const each of all) await log(each);
  },
  'read before the next call without waiting': async ({ step, log, data }) => {
    const f = step((x) => sum(mul(x, 2)));
    const losses: Promise<number>[] = [];
    for (let i = 0; i < 5; i++) losses.push(f(data([3])).item());
    await log(await Promise.all(losses));
  },
  'after the step is disposed': async ({ step, log, data }) => {
    const f = step((x) => mul(x, 2));
    const y = f(data([3]));
    if ('dispose' in f) (f as unknown as { dispose(): void }).dispose();
    const z = f(data([3]));
    await log(y);
    await log(z);
  },
});

same('inputs', {
  'results fed back, swapped': async ({ step, log, data }) => {
    const f = step((x, y) => [y, x, add(x, y)]);
    let [a, b] = [data([2]), data([2])];
    for (let i = 0; i < 4; i++) {
      const [c, d, e] = f(a, b);
      await log(e);
      [a, b] = [c, d];
    }
    await log(a);
    await log(b);
  },
  'views of results fed back, swapped': async ({ step, log, data }) => {
    const f = step((x, y) => [reshape(y, [2]), reshape(x, [2]), add(x, y)]);
    let [a, b] = [data([2]), data([2])];
    for (let i = 0; i < 4; i++) {
      const [c, d, e] = f(a, b);
      await log(c);
      await log(d);
      await log(e);
      [a, b] = [c, d];
    }
  },
  'a state fed back': async ({ step, log, data }) => {
    const f = step((state, x) => mul(add(state, x), 0.5));
    let state = data([3]);
    for (let i = 0; i < 5; i++) {
      state = f(state, data([3]));
      await log(state);
    }
  },
  'written to inside': async ({ step, log, data }) => {
    const f = step((x, y) => {
      x.copyFrom(mul(y, 2));
      return add(x, y);
    });
    for (let i = 0; i < 3; i++) {
      const [x, y] = [data([3]), data([3])];
      await log(f(x, y));
      await log(x);
      await log(y);
    }
  },
  'the same tensor twice': async ({ step, log, data }) => {
    const f = step((x, y) => mul(x, y));
    for (let i = 0; i < 3; i++) {
      const x = data([3]);
      await log(f(x, x));
      await log(f(x, data([3])));
    }
  },
  'also used from outside, only read': async ({ step, log, data }) => {
    const shared = data([3]);
    const f = step((x) => mul(x, shared));
    for (let i = 0; i < 3; i++) {
      await log(f(shared));
      await log(f(data([3])));
    }
  },
  'parameters of a model as inputs, none trained': async ({ step, log, data }) => {
    const model = nn.linear(3, 3);
    const sgd = optim.sgd(model.parameters(), { lr: 0.1 });
    const norm = step((w) => sum(mul(w, w)));
    for (let i = 0; i < 4; i++) {
      await log(norm(model.weight));
      sum(model.forward(data([2, 3]))).backward();
      sgd.step();
    }
  },
  'kept inside, read after the call': async ({ step, log, data }) => {
    let last: Tensor | null = null;
    const f = step((x) => {
      last = keep(mul(x, 3));
      return sum(x);
    });
    await log(f(data([3])));
    await log(last);
  },
});
