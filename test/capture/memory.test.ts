import { expect } from 'vitest';
import { full, keep, mul, nn, ones, optim, sum, tensor, tidy, zeros, add } from '../../src';
import { refused, same } from './harness';

same('foreign memory', {
  'a target that was disposed, recorded anew': async ({ step, log }) => {
    let sink = zeros([64]);
    const f = step((x) => {
      sink.copyFrom(mul(x, 7));
    });
    f(ones([64]));
    await log(sink);
    sink.dispose();
    const mine = full([64], 5);
    sink = zeros([64]);
    f(ones([64]));
    await log(mine);
    await log(sink);
  },
  'a source of a copy that was disposed after use': async ({ step, log }) => {
    const source = full([64], 3);
    const target = zeros([64]);
    const f = step(() => {
      target.copyFrom(source);
    });
    f();
    f();
    await log(target);
    f();
    const other = full([64], 9);
    await log(target);
    await log(other);
  },
  'results and inputs that are disposed at once': async ({ step, log }) => {
    const f = step((x) => add(mul(x, 3), 1));
    for (let i = 0; i < 4; i++) {
      const x = full([33], i);
      const y = f(x);
      x.dispose();
      const other = full([33], 100);
      await log(y);
      y.dispose();
      await log(other);
    }
  },
  'memory that other work takes between calls': async ({ step, log, data }) => {
    const w = data([40]);
    const f = step((x) => sum(mul(mul(x, w), x)));
    for (let i = 0; i < 4; i++) {
      await log(f(data([40])));
      const junk = tidy(() => mul(full([40], i), 2));
      await log(junk);
      junk.dispose();
    }
  },
  'written by hand between calls': async ({ step, log, data }) => {
    const w = data([5]);
    const f = step((x) => mul(x, w));
    for (let i = 0; i < 4; i++) {
      w.write(Float32Array.of(i, 1, 2, 3, 4));
      await log(f(data([5])));
    }
  },
});

const DISPOSED = /freed tensor of shape/;
const eagerToo = (run: () => void): void => {
  expect(run).toThrow(DISPOSED);
};

same('what was disposed', {
  'a target': ({ step, log }) => {
    const sink = zeros([64]);
    const f = step((x) => {
      sink.copyFrom(mul(x, 7));
    });
    f(ones([64]));
    sink.dispose();
    eagerToo(() => {
      f(ones([64]));
    });
    return log(true);
  },
  'a source': ({ step, log }) => {
    const source = full([64], 1);
    const sink = zeros([64]);
    const f = step(() => {
      sink.copyFrom(source);
    });
    f();
    source.dispose();
    eagerToo(() => {
      f();
    });
    return log(sink);
  },
  'the model': async ({ step, log, data, labels }) => {
    const model = nn.linear(4, 3);
    const f = step((x, y) => {
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      return loss;
    });
    const [x, y] = [data([6, 4]), labels(6, 3)];
    await log(f(x, y));
    model.dispose();
    eagerToo(() => {
      f(x, y);
    });
  },
  'the optimizer': async ({ step, log, data, labels }) => {
    const model = nn.linear(4, 3);
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => {
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      adam.step();
      return loss;
    });
    const [x, y] = [data([6, 4]), labels(6, 3)];
    await log(f(x, y));
    await log(f(x, y));
    adam.dispose();
    eagerToo(() => {
      f(x, y);
    });
    await log(model.weight);
  },
  'one of several parameters of an arena': async ({ step, log, data }) => {
    const model = nn.sequential(nn.linear(4, 3), nn.linear(3, 2));
    const sgd = optim.sgd(model.parameters(), { lr: 0.1 });
    const f = step((x) => {
      sum(model.forward(x)).backward();
      sgd.step();
    });
    f(data([2, 4]));
    f(data([2, 4]));
    model.parameters()[1].dispose();
    eagerToo(() => {
      f(data([2, 4]));
    });
    await log(model.parameters()[0]);
  },
  'an input': async ({ step, log }) => {
    const f = step((x) => mul(x, 2));
    const x = ones([3]);
    await log(f(x));
    x.dispose();
    eagerToo(() => {
      f(x);
    });
  },
});

refused('foreign memory', {
  'a tensor from outside that is disposed inside': [
    /a tensor of shape \[3\] that was made outside is disposed inside the function/,
    ({ step }) => {
      let total = keep(zeros([3]));
      const f = step((x) => {
        const next = keep(add(total, x));
        total.dispose();
        total = next;
      });
      f(ones([3]));
      f(ones([3]));
    },
  ],
  'an input that is disposed inside': [
    /that was made outside is disposed inside/,
    ({ step }) => {
      step((x) => {
        x.dispose();
      })(ones([3]));
    },
  ],
});

refused('results of an earlier call', {
  'read after the next call': [
    /a result of shape \[2\] of a captured step was used after a later call/,
    async ({ step, log }) => {
      const f = step((x) => mul(x, 2));
      const first = f(ones([2]));
      f(ones([2]));
      await log(first);
    },
  ],
  'an alias of one': [
    /of a captured step was used after a later call/,
    async ({ step, log }) => {
      const f = step((x) => mul(x, 2));
      const first = f(ones([2])).detach();
      f(ones([2]));
      await log(first);
    },
  ],
  'as an operand': [
    /of a captured step was used after a later call/,
    async ({ step, log }) => {
      const f = step((x) => mul(x, 2));
      const losses = [f(ones([])), f(tensor(3)), f(tensor(4))];
      await log(losses.reduce((a, b) => add(a, b)));
    },
  ],
  'in another captured step': [
    /of a captured step was used after a later call/,
    async ({ step, log }) => {
      const f = step((x) => mul(x, 2));
      const first = f(ones([2]));
      const g = step((x) => add(x, first));
      await log(g(ones([2])));
      f(ones([2]));
      await log(g(ones([2])));
    },
  ],
});
