import { expect } from 'vitest';
import { add, mean, mul, nn, noGrad, optim, relu, sub, sum, type Tensor } from '../../src';
import { refused, same } from './harness';

const loss = (model: nn.Module, x: Tensor, y: Tensor): Tensor => nn.crossEntropy(model.forward(x), y);

const gradientOf = ({ grad }: Tensor): Tensor | null => grad;

same('gradients as state', {
  'an eager backward, then three captured ones': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const x = data([4]);
    sum(mul(x, w)).backward();
    const f = step((input) => {
      sum(mul(input, w)).backward();
    });
    for (let i = 0; i < 3; i++) {
      f(x);
      await log(w.grad);
    }
  },
  'accumulation over captured calls, with an optimizer outside': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const adam = optim.adam(model.parameters(), { lr: 0.1 });
    const f = step((x, y) => {
      loss(model, x, y).backward();
    });
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 3; i++) f(data([4, 5]), labels(4, 3));
      await log(model.weight.grad);
      adam.step();
      await log(model.weight);
    }
  },
  'zeroGrad inside, step outside': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const sgd = optim.sgd(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const f = step((x, y) => {
      sgd.zeroGrad();
      loss(model, x, y).backward();
    });
    for (let i = 0; i < 5; i++) {
      f(data([4, 5]), labels(4, 3));
      sgd.step();
      await log(model.weight);
      await log(model.bias?.grad);
    }
  },
  'zeroGrad inside, backward outside': async ({ step, log, data }) => {
    const w = data([3], { requiresGrad: true });
    const sgd = optim.sgd([w], { lr: 0.1 });
    const f = step((x) => {
      sgd.zeroGrad();
      return sum(mul(x, w));
    });
    for (let i = 0; i < 4; i++) {
      f(data([3])).backward();
      await log(w.grad);
    }
  },
  'zeroGrad outside, step inside, the norm afterwards': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const sgd = optim.sgd(model.parameters(), { lr: 0.1 });
    const f = step((x, y) => {
      loss(model, x, y).backward();
      sgd.step();
    });
    for (let i = 0; i < 5; i++) {
      model.zeroGrad();
      f(data([4, 5]), labels(4, 3));
      await log(model.weight.grad);
      await log(optim.clipGradNorm(model.parameters(), 100));
    }
  },
  'an eager backward between captured steps': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const sgd = optim.sgd(model.parameters(), { lr: 0.1 });
    const f = step((x, y) => {
      loss(model, x, y).backward();
      sgd.step();
    });
    for (let i = 0; i < 6; i++) {
      f(data([4, 5]), labels(4, 3));
      if (i % 2) loss(model, data([4, 5]), labels(4, 3)).backward();
      await log(model.weight);
    }
  },
  'without an optimizer, added to, dropped, set by hand': async ({ step, log, data }) => {
    const w = data([3], { requiresGrad: true });
    const f = step((x) => {
      sum(mul(x, w)).backward();
    });
    f(data([3]));
    f(data([3]));
    await log(w.grad);
    w.grad = null;
    f(data([3]));
    await log(w.grad);
    w.grad = data([3]);
    f(data([3]));
    await log(w.grad);
    f(data([3]));
    f(data([3]));
    await log(w.grad);
  },
  'gradient descent by hand': async ({ step, log, data }) => {
    const w = data([3], { requiresGrad: true });
    const f = step((x) => {
      w.grad = null;
      const out = sum(mul(mul(x, w), w));
      out.backward();
      const grad = gradientOf(w);
      if (grad)
        noGrad(() => {
          w.copyFrom(sub(w, mul(grad, 0.1)));
        });
      return out;
    });
    for (let i = 0; i < 5; i++) await log(f(data([3])));
    await log(w);
    await log(w.grad);
  },
  'two backward passes in one call': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => {
      loss(model, x, y).backward();
      loss(model, mul(x, 2), y).backward();
      adam.step();
    });
    for (let i = 0; i < 4; i++) f(data([4, 5]), labels(4, 3));
    await log(model.weight);
    await log(model.weight.grad);
  },
  'two steps in one call': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => {
      for (let i = 0; i < 2; i++) {
        loss(model, x, y).backward();
        adam.step();
      }
    });
    for (let i = 0; i < 4; i++) f(data([4, 5]), labels(4, 3));
    await log(model.weight);
    await log(adam.stateDict().config.steps);
  },
  'clipping inside': async ({ step, log, data, labels }) => {
    const model = nn.sequential(nn.linear(5, 4), nn.relu(), nn.linear(4, 3));
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => {
      loss(model, x, y).backward();
      const norm = optim.clipGradNorm(model.parameters(), 0.1);
      adam.step();
      return norm;
    });
    for (let i = 0; i < 4; i++) await log(f(data([4, 5]), labels(4, 3)));
    await log(model.parameters()[0]);
  },
  'clipping in a captured step of its own': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const sgd = optim.sgd(model.parameters(), { lr: 0.1 });
    const clip = step(() => optim.clipGradNorm(model.parameters(), 0.01));
    for (let i = 0; i < 4; i++) {
      loss(model, data([4, 5]), labels(4, 3)).backward();
      await log(clip());
      sgd.step();
      await log(model.weight);
    }
  },
  'clipping alone, without an optimizer': async ({ step, log, data }) => {
    const w = data([6], { requiresGrad: true });
    const clip = step(() => {
      optim.clipGradValue([w], 0.1);
    });
    for (let i = 0; i < 3; i++) {
      sum(mul(data([6]), w)).backward();
      clip();
      await log(w.grad);
    }
  },
  'an optimizer step alone': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const adam = optim.adam(model.parameters());
    const update = step(() => {
      adam.step();
    });
    for (let i = 0; i < 4; i++) {
      loss(model, data([4, 5]), labels(4, 3)).backward();
      update();
      await log(model.weight);
    }
    update();
    await log(model.weight);
  },
  'an optimizer for the head only': async ({ step, log, data, labels }) => {
    const [body, head] = [nn.linear(5, 4), nn.linear(4, 3)];
    const adam = optim.adam(head.parameters());
    const f = step((x, y) => {
      const out = nn.crossEntropy(head.forward(relu(body.forward(x))), y);
      out.backward();
      adam.step();
      return out;
    });
    for (let i = 0; i < 4; i++) await log(f(data([4, 5]), labels(4, 3)));
    await log(body.weight.grad);
    await log(head.weight);
  },
  'an optimizer for the head only, zeroGrad of all first': async ({ step, log, data, labels }) => {
    const model = nn.sequential(nn.linear(5, 4), nn.relu(), nn.linear(4, 3));
    const adam = optim.adam(model.parameters().slice(2));
    const f = step((x, y) => {
      model.zeroGrad();
      const out = loss(model, x, y);
      out.backward();
      adam.step();
      return out;
    });
    for (let i = 0; i < 4; i++) await log(f(data([4, 5]), labels(4, 3)));
    await log(model.parameters()[0].grad);
  },
  'a GAN in the usual order': async ({ step, log, data }) => {
    const [g, d] = [nn.linear(3, 4), nn.linear(4, 1)];
    const [optG, optD] = [optim.adam(g.parameters()), optim.adam(d.parameters())];
    const f = step((noise, real) => {
      optD.zeroGrad();
      const fake = g.forward(noise);
      const lossD = sub(mean(d.forward(fake.detach())), mean(d.forward(real)));
      lossD.backward();
      optD.step();
      optG.zeroGrad();
      const lossG = mul(mean(d.forward(fake)), -1);
      lossG.backward();
      optG.step();
      return [lossD, lossG];
    });
    for (let i = 0; i < 5; i++) for (const each of f(data([6, 3]), data([6, 4]))) await log(each);
    await log(g.weight);
    await log(d.weight);
    await log(d.weight.grad);
  },
  'a leaf made inside': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const f = step((x, y) => {
      const probe = x.detach();
      probe.requiresGrad = true;
      loss(model, probe, y).backward();
      const { grad } = probe;
      model.zeroGrad();
      return grad ? add(x, mul(grad, 0.1)) : x;
    });
    for (let i = 0; i < 4; i++) await log(f(data([4, 5]), labels(4, 3)));
  },
  retainGrad: async ({ step, log, data }) => {
    const w = data([3], { requiresGrad: true });
    const f = step((x) => {
      w.grad = null;
      const hidden = mul(x, w).retainGrad();
      sum(mul(hidden, hidden)).backward();
      return hidden;
    });
    for (let i = 0; i < 4; i++) {
      const hidden = f(data([3]));
      await log(hidden);
      await log(hidden.grad);
    }
  },
  'two tasks, a head each, one Adam, in turns': async ({ step, log, data, labels }) => {
    const body = nn.linear(5, 4);
    const heads = [nn.linear(4, 3), nn.linear(4, 3)];
    const adam = optim.adam([body, ...heads].flatMap((each) => each.parameters()));
    const tasks = heads.map((head) =>
      step((x, y) => {
        const out = nn.crossEntropy(head.forward(relu(body.forward(x))), y);
        out.backward();
        adam.step();
        return out;
      }),
    );
    for (const i of [0, 1, 0, 0, 1, 1, 0]) await log(tasks[i](data([4, 5]), labels(4, 3)));
    await log(body.weight);
    await log(heads[0].weight);
    await log(adam.stateDict().config.steps);
  },
  'steps of different parts, eager between': async ({ step, log, data, labels }) => {
    const model = nn.sequential(nn.linear(5, 4), nn.relu(), nn.linear(4, 3));
    const sgd = optim.sgd(model.parameters(), { lr: 0.1, momentum: 0.9, dampening: 0.5 });
    const f = step((x, y) => {
      loss(model, x, y).backward();
      sgd.step();
    });
    for (let i = 0; i < 6; i++) {
      f(data([4, 5]), labels(4, 3));
      if (i === 2) {
        sum(model.parameters()[0]).backward();
        sgd.step();
      }
    }
    for (const parameter of model.parameters()) await log(parameter);
  },
  'momentum switched on and off': async ({ step, log, data, labels }) => {
    const model = nn.linear(5, 3);
    const sgd = optim.sgd(model.parameters(), { lr: 0.1 });
    const f = step((x, y) => {
      loss(model, x, y).backward();
      sgd.step();
    });
    for (const momentum of [0, 0.9, 0.9, 0, 0.5, 0.5]) {
      sgd.momentum = momentum;
      f(data([4, 5]), labels(4, 3));
      await log(model.weight);
    }
  },
});

same('gradients at the border', {
  'an encoder inside, a head outside': async ({ step, log, data, labels }) => {
    const [encoder, head] = [nn.linear(5, 4), nn.linear(4, 3)];
    const adam = optim.adam([...encoder.parameters(), ...head.parameters()]);
    const f = step((x) => relu(encoder.forward(x)));
    for (let i = 0; i < 5; i++) {
      const out = nn.crossEntropy(head.forward(f(data([4, 5]))), labels(4, 3));
      out.backward();
      await log(encoder.weight.grad);
      adam.step();
      await log(out);
    }
    await log(encoder.weight);
  },
  'a loss whose backward is outside': async ({ step, log, data, labels }) => {
    const model = nn.sequential(nn.linear(5, 4), nn.batchNorm1d(4), nn.dropout(0.5), nn.linear(4, 3));
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => loss(model, x, y));
    for (let i = 0; i < 5; i++) {
      const out = f(data([4, 5]), labels(4, 3));
      out.backward();
      adam.step();
      await log(out);
    }
    for (const parameter of model.parameters()) await log(parameter);
  },
  'two results of one graph': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => {
      const a = mul(x, w);
      return { a, b: mul(a, w) };
    });
    for (let i = 0; i < 4; i++) {
      const { a, b } = f(data([4]));
      add(sum(mul(a, a)), sum(b)).backward();
      await log(w.grad);
      if (i % 2) w.grad = null;
    }
  },
  'an input that requires a gradient': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => sum(mul(mul(x, w), x)));
    for (let i = 0; i < 4; i++) {
      const x = data([4], { requiresGrad: true });
      f(x).backward();
      await log(x.grad);
      await log(w.grad);
    }
  },
  'an input that requires a gradient, backward inside': async ({ step, log, data }) => {
    const f = step((x) => {
      sum(mul(x, mul(x, x))).backward();
    });
    const x = data([4], { requiresGrad: true });
    for (let i = 0; i < 4; i++) {
      f(x);
      await log(x.grad);
      const y = data([4], { requiresGrad: true });
      f(y);
      await log(y.grad);
    }
  },
  'an input that an eager graph made': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => sum(mul(x, x)));
    for (let i = 0; i < 4; i++) {
      f(mul(w, data([4]))).backward();
      await log(w.grad);
    }
  },
  'a parameter as an input': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const sgd = optim.sgd([w], { lr: 0.1 });
    const f = step((x, weight) => {
      const out = sum(mul(mul(x, weight), weight));
      out.backward();
      return out;
    });
    for (let i = 0; i < 4; i++) {
      await log(f(data([4]), w));
      await log(w.grad);
      sgd.step();
    }
    await log(w);
  },
  'a chain of captured steps': async ({ step, log, data }) => {
    const [v, w] = [data([4], { requiresGrad: true }), data([4], { requiresGrad: true })];
    const f = step((x) => mul(x, v));
    const g = step((x) => sum(mul(mul(x, w), x)));
    for (let i = 0; i < 4; i++) {
      g(f(data([4]))).backward();
      await log(v.grad);
      await log(w.grad);
    }
  },
  'an eager graph over a closed-over tensor': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    let hidden = mul(w, 2);
    const f = step((x) => sum(mul(x, hidden)));
    f(data([4])).backward();
    await log(w.grad);
    hidden = mul(w, 3);
    f(data([4])).backward();
    await log(w.grad);
  },
  'noGrad and back': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => sum(mul(x, w)));
    for (let i = 0; i < 6; i++) {
      const out = i % 2 ? noGrad(() => f(data([4]))) : f(data([4]));
      await log(out.requiresGrad);
      if (out.requiresGrad) out.backward();
      await log(w.grad);
    }
  },
});

same('what eager refuses', {
  'backward twice': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => sum(mul(x, mul(w, w))));
    for (let i = 0; i < 3; i++) {
      const out = f(data([4]));
      out.backward();
      expect(() => {
        out.backward();
      }).toThrow('was freed by an earlier backward()');
    }
    await log(w.grad);
  },
  'backward of a loss that went backward inside': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => {
      const out = sum(mul(x, mul(w, w)));
      out.backward();
      return out;
    });
    for (let i = 0; i < 3; i++) {
      const out = f(data([4]));
      expect(() => {
        mul(out, 2).backward();
      }).toThrow('was freed by an earlier backward()');
    }
    await log(w.grad);
  },
  'an optimizer step between forward and backward': async ({ step, log, data }) => {
    const w = data([4], { requiresGrad: true });
    const f = step((x) => sum(mul(x, mul(w, w))));
    for (let i = 0; i < 3; i++) {
      const out = f(data([4]));
      w.write(new Float32Array(4));
      expect(() => {
        out.backward();
      }).toThrow('was written to after the forward pass');
    }
    await log(w);
  },
});

refused('gradients', {
  'a result of an earlier call, by its graph': [
    /of a captured step was used after a later call/,
    ({ step, data }) => {
      const w = data([4], { requiresGrad: true });
      const f = step((x) => mul(x, w));
      const first = add(f(data([4])), 1);
      f(data([4]));
      sum(first).backward();
    },
  ],
  'backward inside through an input that was computed': [
    /backward\(\) inside reached an input of shape \[4\] that mul made outside/,
    ({ step, data }) => {
      const w = data([4], { requiresGrad: true });
      step((x) => {
        sum(mul(x, x)).backward();
      })(mul(w, 2));
    },
  ],
  'backward inside through a graph from outside': [
    /backward\(\) goes on through a tensor of shape \[4\] that was computed outside/,
    ({ step, data }) => {
      const w = data([4], { requiresGrad: true });
      const hidden = mul(w, 2);
      step((x) => {
        sum(mul(x, hidden)).backward();
      })(data([4]));
    },
  ],
  'a parameter as an input that is also used from outside': [
    /an input is also used from outside the function/,
    ({ step, data }) => {
      const w = data([4], { requiresGrad: true });
      step((x) => {
        sum(mul(x, w)).backward();
      })(w);
    },
  ],
});
