import { beforeAll, describe, expect, it } from 'vitest';
import { dataset, loader, type Loader } from '../../src/data';
import * as nn from '../../src/nn';
import { adam } from '../../src/optim';
import type { Device } from '../../src/runtime/device';
import { evaluate, fit, type Progress, type Summary } from '../../src/train';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const COUNT = 50;

/** Points in a square whose label says on which side of the diagonal they lie. */
function points(batchSize: number): Loader {
  const inputs = numbers(2 * COUNT, 5);
  const labels = Int32Array.from({ length: COUNT }, (_, i) => Number(inputs[2 * i] > inputs[2 * i + 1]));
  return loader(dataset({ inputs, shape: [2], labels }), { batchSize, shuffle: true, seed: 3 });
}

function network(): nn.Sequential {
  device.generator.offset = 0;
  return nn.sequential(nn.linear(2, 8), nn.relu(), nn.batchNorm1d(8), nn.dropout(0.1), nn.linear(8, 2));
}

describe('fit', () => {
  it('learns, says how it stands, and does the same again bit for bit', async () => {
    const runs: Summary[][] = [];
    for (let run = 0; run < 2; run++) {
      const model = network();
      const seen: Progress[] = [];
      const history = await fit({
        model,
        optimizer: adam(model.parameters(), { lr: 3e-2 }),
        loader: points(16),
        epochs: 8,
        progressEvery: 2,
        onProgress: (progress) => {
          seen.push(progress);
        },
      });
      expect(history).toHaveLength(8);
      expect(history[7].loss).toBeLessThan(0.6 * history[0].loss);
      expect(history[7].accuracy).toBeGreaterThan(0.8);
      expect(seen.slice(0, 2).map(({ epoch, batch, batches }) => [epoch, batch, batches])).toEqual([
        [0, 2, 4],
        [0, 4, 4],
      ]);
      const last = seen[seen.length - 1];
      expect([last.epoch, last.batch, last.secondsLeft]).toEqual([7, 4, 0]);
      expect([last.loss, last.accuracy]).toEqual([history[7].loss, history[7].accuracy]);
      runs.push(history);
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it('steps the scheduler with the loss since its last step', async () => {
    const model = network();
    const losses: number[] = [];
    const history = await fit({
      model,
      optimizer: adam(model.parameters()),
      loader: points(10),
      epochs: 1,
      scheduler: { step: (loss) => losses.push(loss) },
      schedulerEvery: 2,
    });
    // 5 batches of 10: after 2, 4 and, at the end of the epoch, 5.
    expect(losses).toHaveLength(3);
    expect((20 * losses[0] + 20 * losses[1] + 10 * losses[2]) / 50).toBeCloseTo(history[0].loss, 5);
  });

  it('stops after the batch at hand when told to', async () => {
    const model = network();
    const stop = new AbortController();
    let epochs = 0;
    const history = await fit({
      model,
      optimizer: adam(model.parameters()),
      loader: points(10),
      epochs: 5,
      progressEvery: 1,
      onProgress: ({ batch }) => {
        if (batch === 3) stop.abort();
      },
      onEpoch: () => {
        epochs++;
      },
      signal: stop.signal,
    });
    expect(history).toHaveLength(1);
    expect(epochs).toBe(1);
  });

  it('waits before each batch, looks at the network there, and learns the same', async () => {
    const histories: Summary[][] = [];
    for (const looks of [false, true]) {
      const model = network();
      const data = points(10);
      let batches = 0;
      const onBatch = async () => {
        batches++;
        await evaluate(model, points(25), 2);
      };
      const optimizer = adam(model.parameters());
      histories.push(await fit({ model, optimizer, loader: data, epochs: 2, onBatch: looks ? onBatch : undefined }));
      expect(batches).toBe(looks ? 10 : 0);
    }
    expect(histories[1]).toEqual(histories[0]);
  });

  it('hands all of its memory back but the parameters and the optimizer', async () => {
    const model = network();
    const optimizer = adam(model.parameters());
    const data = points(16);
    await fit({ model, optimizer, loader: data, epochs: 1 });
    await device.finish();
    const before = device.memory.allocated;
    for (let i = 0; i < 3; i++) await fit({ model, optimizer, loader: data, epochs: 1 });
    await device.finish();
    expect(device.memory.allocated).toBe(before);
  });
});

describe('evaluate', () => {
  it('counts every input once, leaves no trace, and restores the mode', async () => {
    const model = network();
    const data = points(16);
    const before = await Promise.all(Object.values(model.stateDict()).map((t) => t.data()));
    const { accuracy, confusion, classes, loss } = await evaluate(model, data, 2);
    expect(model.training).toBe(true);
    expect(classes).toBe(2);
    expect(confusion.reduce((a, b) => a + b)).toBe(COUNT);
    expect((confusion[0] + confusion[3]) / COUNT).toBeCloseTo(accuracy, 6);
    expect(loss).toBeGreaterThan(0);
    const after = await Promise.all(Object.values(model.stateDict()).map((t) => t.data()));
    expect(after).toEqual(before);
    const again = await evaluate(model, points(7), 2);
    expect(again.confusion).toEqual(confusion);
  });
});
