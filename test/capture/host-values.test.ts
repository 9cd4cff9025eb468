import { expect } from 'vitest';
import { add, capture, keep, mul, nn, optim, slice, sum, tensor, zeros, type Tensor } from '../../src';
import { refused, same } from './harness';

const OTHER = /capture: the function does other work than was recorded/;

refused('host values', {
  'a counter': [
    /mul: \w+ was 0 and is 1/,
    async ({ step, log, data }) => {
      let i = 0;
      const f = step((x) => mul(x, i++));
      for (let k = 0; k < 3; k++) await log(f(data([3])));
    },
  ],
  'a branch': [
    OTHER,
    ({ step, data }) => {
      let i = 0;
      const f = step((x) => (i++ ? mul(x, 2) : add(x, 2)));
      f(data([3]));
      f(data([3]));
    },
  ],
  'a loop': [
    /mul was not part of it|capture: the function does other work/,
    ({ step, data }) => {
      let rounds = 1;
      const f = step((x) => {
        let y = x;
        for (let i = 0; i < rounds; i++) y = mul(y, 2);
        return y;
      });
      f(data([3]));
      rounds = 3;
      f(data([3]));
    },
  ],
  'a loop that ends earlier': [
    OTHER,
    ({ step, data }) => {
      let rounds = 3;
      const f = step((x) => {
        for (let i = 0; i < rounds; i++) mul(x, 2);
      });
      f(data([3]));
      rounds = 1;
      f(data([3]));
    },
  ],
  'bounds of a slice': [
    OTHER,
    ({ step, data }) => {
      let at = 0;
      const f = step((x) => slice(x, [at], [at + 2]));
      f(data([8]));
      at = 2;
      f(data([8]));
    },
  ],
  'an array of the host': [
    /write of other numbers, made on the host/,
    ({ step }) => {
      let batch = 0;
      const f = step(() => sum(tensor([batch++, 2, 3])));
      f();
      f();
    },
  ],
  'the weight of a loss': [
    /was 1 and is 0.5/,
    ({ step, data }) => {
      const w = data([3], { requiresGrad: true });
      const sgd = optim.sgd([w], { lr: 0.1 });
      let weight = 1;
      const f = step((x) => {
        mul(sum(mul(x, w)), weight).backward();
        sgd.step();
      });
      f(data([3]));
      weight = 0.5;
      f(data([3]));
    },
  ],
  'a tensor that is replaced': [
    /mul with other tensors/,
    ({ step, data }) => {
      let mask = data([3]);
      const f = step((x) => mul(x, mask));
      f(data([3]));
      mask = data([3]);
      f(data([3]));
    },
  ],
  'a tensor made at the first call': [
    OTHER,
    ({ step, data }) => {
      let ema: Tensor | null = null;
      const f = step((x) => {
        ema ??= keep(zeros([3]));
        ema.copyFrom(add(mul(ema, 0.9), x));
        return sum(ema);
      });
      f(data([3]));
      f(data([3]));
    },
  ],
  'a number in the results': [
    /its result\.calls was 1 and is 2, a value of the host/,
    ({ step, data }) => {
      let calls = 0;
      const f = step((x) => ({ y: mul(x, 2), calls: ++calls }));
      f(data([3]));
      f(data([3]));
    },
  ],
  'a random number of the host': [
    /was [\d.e-]+ and is [\d.e-]+/,
    ({ step, data }) => {
      const f = step((x) => mul(x, Math.random()));
      f(data([3]));
      f(data([3]));
    },
  ],
  'the probability of a dropout that is computed': [
    /dropout: (p|keep_scale) was/,
    ({ step, data }) => {
      let p = 0.1;
      const f = step((x) => nn.dropout(p).forward(x));
      f(data([3]));
      p = 0.5;
      f(data([3]));
    },
  ],
  'what changes later is found at call 10': [
    OTHER,
    ({ step, data }) => {
      let factor = 1;
      const f = step((x) => mul(x, factor));
      for (let i = 0; i < 6; i++) f(data([3]));
      factor = 2;
      for (let i = 0; i < 6; i++) f(data([3]));
    },
  ],
  'a learning rate that is set': [
    /capture: lr of sgd is set inside the function/,
    ({ step, data }) => {
      const w = data([3], { requiresGrad: true });
      const sgd = optim.sgd([w], { lr: 0.1 });
      step((x) => {
        sum(mul(x, w)).backward();
        sgd.lr = 0.5;
        sgd.step();
      })(data([3]));
    },
  ],
  'a scheduler': [
    /capture: lr of sgd is set inside the function/,
    ({ step, data }) => {
      const w = data([3], { requiresGrad: true });
      const sgd = optim.sgd([w], { lr: 0.1 });
      const schedule = optim.exponentialLR(sgd, { gamma: 0.5 });
      step((x) => {
        sum(mul(x, w)).backward();
        sgd.step();
        schedule.step();
      })(data([3]));
    },
  ],
  'an optimizer that is made': [
    /capture: an optimizer \(adam\) is made inside the function/,
    ({ step, data }) => {
      const w = data([3], { requiresGrad: true });
      step((x) => {
        const adam = optim.adam([w]);
        sum(mul(x, w)).backward();
        adam.step();
      })(data([3]));
    },
  ],
  'a read': [
    /capture: a tensor is read/,
    async ({ step, data }) => {
      const reads: Promise<unknown>[] = [];
      step((x) => {
        reads.push(x.data());
      })(data([3]));
      await Promise.all(reads);
    },
  ],
  'an item, whose promise is dropped': [
    /capture: a tensor is read/,
    ({ step, data }) => {
      step((x) => {
        void sum(x)
          .item()
          .then(() => undefined);
      })(data([3]));
    },
  ],
  'a read whose error is caught': [
    /capture: a tensor is read/,
    ({ step, data }) => {
      step((x) => {
        try {
          void x.data().catch(() => undefined);
        } catch {
          // Goes on as if nothing had happened.
        }
      })(data([3]));
    },
  ],
});

same('host values that stay', {
  'constants, arrays, branches': async ({ step, log, data, seed }) => {
    const weights = [seed, 2, 3];
    const f = step((x) => {
      let y = add(x, tensor(weights));
      for (const weight of weights) if (weight > 1) y = mul(y, weight);
      return y;
    });
    for (let i = 0; i < 12; i++) await log(f(data([3])));
  },
  'a number as an input tensor': async ({ step, log, data }) => {
    const f = step((x, weight) => mul(x, weight));
    for (let i = 0; i < 12; i++) await log(f(data([3]), tensor(i)));
  },
  'random numbers, over many calls': async ({ step, log, data, device }) => {
    const drop = nn.dropout(0.5);
    const f = step((x) => drop.forward(x));
    for (let i = 0; i < 12; i++) await log(f(data([5])));
    await log(device.generator.offset);
  },
});

same('async functions', {
  'are refused, and their failure is dropped': async ({ log, data }) => {
    const failing = (): Promise<void> => Promise.reject(new Error('mine'));
    expect(() => capture(failing)()).toThrow(
      new TypeError('capture: fn returned a promise; expected a synchronous function'),
    );
    expect(() => capture(async (x: Tensor) => x.item())(data([1]))).toThrow('capture: ');
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await log(true);
  },
});
