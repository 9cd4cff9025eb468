import { add, mul, nn, noGrad, optim, sum, type Tensor } from '../../src';
import { same } from './harness';

const network = (): nn.Sequential =>
  nn.sequential(
    nn.linear(5, 6),
    nn.relu(),
    nn.batchNorm1d(6),
    nn.dropout(0.4),
    nn.linear(6, 6),
    nn.batchNorm1d(6),
    nn.linear(6, 3),
  );

const frozen = (model: nn.Module, on: boolean): void => {
  for (const parameter of model.parameters()) parameter.requiresGrad = !on;
};

class Scaled extends nn.Module {
  body: nn.Module = nn.linear(4, 4);
  factor = 1;
  weight = this.parameter('weight', nn.linear(1, 4).weight.detach());
  override forward(x: Tensor): Tensor {
    return mul(add(this.body.forward(x), sum(this.weight)), this.factor);
  }
}

same('settings that the recording read', {
  'train and eval of all, back and forth': async ({ step, log, data, labels }) => {
    const model = network();
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => {
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      adam.step();
      return loss;
    });
    for (const training of [true, true, false, true, false, false, true]) {
      model.train(training);
      await log(f(data([8, 5]), labels(8, 3)));
    }
    for (const tensor of Object.values(model.stateDict())) await log(tensor);
  },
  'train and eval of parts, inference': async ({ step, log, data }) => {
    const model = network();
    const f = step((x) => model.forward(x));
    const x = data([8, 5]);
    for (const i of [2, 3, 5, 2, 3]) {
      model.layers[i].train(!model.layers[i].training);
      await log(noGrad(() => f(x)));
      await log(noGrad(() => f(x)));
    }
  },
  'eval inside': async ({ step, log, data }) => {
    const model = network();
    const predict = step((x) => {
      model.eval();
      return noGrad(() => model.forward(x));
    });
    for (let i = 0; i < 4; i++) {
      await log(predict(data([8, 5])));
      await log(model.training);
      await log(model.layers[2].training);
      model.train();
    }
  },
  'progressive unfreezing': async ({ step, log, data, labels }) => {
    const model = network();
    const adam = optim.adam(model.parameters());
    const f = step((x, y) => {
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      adam.step();
      return loss;
    });
    frozen(model, true);
    for (const i of [6, 5, 4, 2, 0]) {
      frozen(model.layers[i], false);
      for (let k = 0; k < 3; k++) await log(f(data([8, 5]), labels(8, 3)));
    }
    frozen(model.layers[0], true);
    frozen(model.layers[2], true);
    for (let k = 0; k < 3; k++) await log(f(data([8, 5]), labels(8, 3)));
    for (const tensor of Object.values(model.stateDict())) await log(tensor);
  },
  "dropout's p, BatchNorm's momentum and eps": async ({ step, log, data }) => {
    const model = network();
    const f = step((x) => noGrad(() => model.forward(x)));
    const [norm, drop] = [model.layers[2], model.layers[3]];
    for (const [p, momentum, eps] of [
      [0.4, 0.1, 1e-5],
      [0.1, 0.1, 1e-5],
      [0.1, 0.9, 1e-5],
      [0, 0.9, 1e-1],
      [0.4, 0.1, 1e-5],
      [0.4, 0.1, 1e-5],
    ]) {
      Object.assign(drop, { p });
      Object.assign(norm, { momentum, eps });
      await log(f(data([8, 5])));
    }
    await log(model.stateDict()['2.running_mean']);
  },
  'layers alone': async ({ step, log, data }) => {
    const [drop, norm] = [nn.dropout(0.5), nn.batchNorm1d(5)];
    const f = step((x) => drop.forward(norm.forward(x)));
    for (const [p, momentum] of [
      [0.5, 0.1],
      [0.2, 0.1],
      [0.2, 0.5],
      [0.5, 0.1],
    ]) {
      Object.assign(drop, { p });
      Object.assign(norm, { momentum });
      await log(f(data([8, 5])));
      norm.train(!norm.training);
    }
    await log(norm.runningMean);
  },
  'the slope of a leaky ReLU, the padding of a convolution': async ({ step, log, data }) => {
    const conv = nn.conv2d(2, 3, 3, { padding: 1 });
    const model = nn.sequential(conv, nn.leakyRelu(0.1), nn.maxPool2d(2));
    const f = step((x) => noGrad(() => model.forward(x)));
    const x = data([2, 2, 6, 6]);
    await log(f(x));
    Object.assign(model.layers[1], { slope: 0.3, negativeSlope: 0.3 });
    await log(f(x));
    Object.assign(conv, { stride: [2, 2] });
    await log(f(x));
  },
  'a layer of Sequential is replaced': async ({ step, log, data }) => {
    const layers = [nn.linear(4, 4), nn.relu(), nn.linear(4, 2)];
    const model = nn.sequential(...layers);
    const f = step((x) => noGrad(() => model.forward(x)));
    const x = data([3, 4]);
    await log(f(x));
    await log(f(x));
    await log(f(x));
    (model.layers as nn.Module[])[1] = nn.tanh();
    await log(f(x));
    (model.layers as nn.Module[])[2] = nn.linear(4, 2);
    await log(f(x));
    model.fuse = false;
    await log(f(x));
  },
  'settings and tensors of a module of the user': async ({ step, log, data }) => {
    const model = new Scaled();
    const f = step((x) => noGrad(() => model.forward(x)));
    const x = data([3, 4]);
    for (const factor of [1, 1, 1, 0.5, 2, 1]) {
      model.factor = factor;
      await log(f(x));
    }
    model.body = nn.linear(4, 4);
    await log(f(x));
    model.weight = data([4]);
    await log(f(x));
  },
  'learning rate, schedule, weight decay': async ({ step, log, data, labels }) => {
    const model = network();
    const adam = optim.adamW(model.parameters(), { lr: 0.1 });
    const schedule = optim.cosineAnnealingLR(adam, { tMax: 4 });
    const f = step((x, y) => {
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      adam.step();
      return loss;
    });
    for (let i = 0; i < 6; i++) {
      await log(f(data([8, 5]), labels(8, 3)));
      schedule.step();
      if (i === 3) adam.lr = 0.5;
    }
    await log(adam.lr);
  },
  'an optimizer made later, a state loaded': async ({ step, log, data, labels }) => {
    const model = network();
    let optimizer: optim.Optimizer = optim.sgd(model.parameters(), { lr: 0.1 });
    const f = step((x, y) => {
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    });
    for (let i = 0; i < 3; i++) await log(f(data([8, 5]), labels(8, 3)));
    optimizer = optim.adam(model.parameters());
    for (let i = 0; i < 3; i++) await log(f(data([8, 5]), labels(8, 3)));
    model.loadStateDict(network().stateDict());
    for (let i = 0; i < 3; i++) await log(f(data([8, 5]), labels(8, 3)));
  },
  'shapes and the number of inputs in turns': async ({ step, log, data }) => {
    const model = network();
    const f = step((...inputs) => inputs.map((x) => model.forward(x)));
    for (const sizes of [[8], [8, 3], [4], [8], [3, 8], [8, 3], []]) {
      for (const y of f(...sizes.map((size) => data([size, 5])))) await log(y);
      await log(sizes.length);
    }
  },
});
