import { expect } from 'vitest';
import { mul, nn, optim, sum, train, data as datasets, tune, type Tensor } from '../../src';
import { numbers } from '../support/numbers';
import { same } from './harness';

same('around captured steps', {
  'fit with an optimizer of the head only, unfrozen at an epoch': async ({ log }) => {
    const model = nn.sequential(nn.linear(4, 5), nn.relu(), nn.linear(5, 3));
    const [weight] = model.parameters();
    const loader = datasets.loader(
      datasets.dataset({
        inputs: numbers(48, 1),
        labels: Uint8Array.from({ length: 12 }, (_, i) => i % 3),
        shape: [4],
      }),
      { batchSize: 5 },
    );
    const before = [...(await weight.data())];
    await train.fit({ model, optimizer: optim.adam(model.parameters().slice(2)), loader, epochs: 3 });
    expect([...(await weight.data())]).toEqual(before);
    weight.requiresGrad = false;
    await train.fit({
      model,
      optimizer: optim.sgd(model.parameters().slice(1), { lr: 0.1 }),
      loader,
      epochs: 4,
      onEpoch: async (epoch) => {
        for (const parameter of model.parameters().slice(2)) parameter.requiresGrad = epoch % 2 === 0;
        await log(model.parameters()[2]);
      },
    });
    for (const parameter of model.parameters()) await log(parameter);
    loader.dispose();
  },
  'tune moves neither rate nor schedule, counts, random numbers or gradients': async ({ step, log, data, device }) => {
    const w = data([4], { requiresGrad: true });
    const adam = optim.adam([w], { lr: 0.1 });
    const schedules = [
      optim.exponentialLR(adam, { gamma: 0.5 }),
      optim.sequentialLR(adam, {
        schedulers: [optim.linearLR(adam), optim.exponentialLR(adam, { gamma: 0.9 })],
        milestones: [1],
      }),
    ];
    const plateau = optim.reduceLROnPlateau(adam, { patience: 0 });
    const drop = nn.dropout(0.5);
    const f = step((x: Tensor) => {
      const out = sum(mul(drop.forward(x), w));
      out.backward();
      return out;
    });
    f(data([4]));
    const state = async (): Promise<unknown> => [
      adam.lr,
      adam.stateDict().config,
      schedules.map((schedule) => schedule.stateDict()),
      plateau.stateDict(),
      device.generator.offset,
      w.grad && [...(await w.grad.data())],
      drop.training,
    ];
    const before = await state();
    // The tests run with tuning off; no kernel of this program has variants to measure.
    const { tuneMode } = device;
    Object.assign(device, { tuneMode: 'cached' });
    await tune(
      () => {
        drop.eval();
        f(data([4]));
        adam.step();
        adam.zeroGrad();
        for (const schedule of schedules) schedule.step();
        plateau.step(1);
        plateau.step(2);
      },
      { device, log: () => undefined },
    );
    Object.assign(device, { tuneMode });
    expect(await state()).toEqual(before);
    await log(f(data([4])));
    await log(w.grad);
  },
});
