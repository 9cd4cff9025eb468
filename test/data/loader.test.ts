import { beforeAll, describe, expect, it } from 'vitest';
import { dataset, loader, shuffledOrder, subset, type Dataset, type Loader } from '../../src/data';
import { sum } from '../../src/ops/reduce/reduce';
import type { Device } from '../../src/runtime/device';
import { keep, tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { ShapeError } from '../../src/tensor/shape';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** `count` inputs [1, 3, 1] of floats; input i is [i, i + 0.25, i + 0.5], its label i % 10. */
function floats(count: number): Dataset {
  const inputs = Float32Array.from({ length: 3 * count }, (_, k) => Math.floor(k / 3) + (k % 3) / 4);
  return dataset({ inputs, shape: [1, 3, 1], labels: Uint8Array.from({ length: count }, (_, i) => i % 10) });
}

interface Batch {
  inputs: { shape: readonly number[]; data: number[] };
  labels: { shape: readonly number[]; dtype: string; data: number[] };
}

async function epoch(batches: Loader): Promise<Batch[]> {
  const seen: Batch[] = [];
  for await (const [inputs, labels] of batches) {
    const [x, y] = [inputs.data(), labels.data()];
    seen.push({
      inputs: { shape: inputs.shape, data: [...(await x)] },
      labels: { shape: labels.shape, dtype: labels.dtype, data: [...(await y)] },
    });
  }
  return seen;
}

/** The numbers of the inputs in the order of an epoch. */
const order = async (batches: Loader): Promise<number[]> =>
  (await epoch(batches)).flatMap(({ inputs }) => inputs.data.filter((_, k) => k % 3 === 0));

describe('batches', () => {
  it('hold the inputs and labels in order, the last one what is left', async () => {
    const batches = loader(floats(7), { batchSize: 3 });
    expect(batches.length).toBe(3);
    const seen = await epoch(batches);
    expect(seen.map(({ inputs }) => inputs.shape)).toEqual([
      [3, 1, 3, 1],
      [3, 1, 3, 1],
      [1, 1, 3, 1],
    ]);
    expect(seen[1].inputs.data).toEqual([3, 3.25, 3.5, 4, 4.25, 4.5, 5, 5.25, 5.5]);
    expect(seen[2].inputs.data).toEqual([6, 6.25, 6.5]);
    expect(seen.map(({ labels }) => labels)).toEqual([
      { shape: [3], dtype: 'int32', data: [0, 1, 2] },
      { shape: [3], dtype: 'int32', data: [3, 4, 5] },
      { shape: [1], dtype: 'int32', data: [6] },
    ]);
  });
  it('leave the last one out with dropLast', async () => {
    const batches = loader(floats(7), { batchSize: 3, dropLast: true });
    expect(batches.length).toBe(2);
    expect((await epoch(batches)).map(({ labels }) => labels.data)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });
  it('may be larger than the dataset', async () => {
    expect((await epoch(loader(floats(2), { batchSize: 5 }))).map(({ labels }) => labels.data)).toEqual([[0, 1]]);
    expect(await epoch(loader(floats(2), { batchSize: 5, dropLast: true }))).toEqual([]);
  });
  it.each([1, 4, 5])('of bytes are normalised: batch of %d', async (batchSize) => {
    const inputs = Uint8Array.from({ length: 7 * 3 }, (_, k) => (k * 37 + 3) % 256);
    const [mean, std] = [0.1307, 0.3081];
    const labels = Int32Array.from({ length: 7 }, (_, i) => 100 * i);
    const seen = await epoch(loader(dataset({ inputs, shape: [3], labels, mean, std }), { batchSize }));
    expectNumbersClose(
      'inputs',
      seen.flatMap(({ inputs: { data } }) => data),
      Array.from(inputs, (byte) => (byte / 255 - mean) / std),
      { atol: 1e-6, rtol: 1e-6 },
    );
    expect(seen.flatMap(({ labels: { data } }) => data)).toEqual([...labels]);
  });
  it('of bytes are between 0 and 1 unless said otherwise', async () => {
    const set = dataset({ inputs: Uint8Array.of(0, 255, 51), shape: [3], labels: Uint8Array.of(1) });
    const [{ inputs }] = await epoch(loader(set, { batchSize: 1 }));
    expectNumbersClose('inputs', inputs.data, [0, 1, 0.2], { atol: 1e-7, rtol: 1e-7 });
  });
  it('are right while the host runs ahead', async () => {
    const totals = [];
    for await (const [inputs] of loader(floats(60), { batchSize: 2 })) totals.push(tidy(() => sum(inputs)));
    const read = await Promise.all(totals.map((total) => total.item()));
    expect(read).toEqual(Array.from({ length: 30 }, (_, i) => 3 * (2 * i + 2 * i + 1) + 1.5));
  });
  it('can be made of any inputs', async () => {
    const [inputs, labels] = loader(floats(20), { batchSize: 4 }).batch(Uint32Array.of(11, 3));
    expect([...(await inputs.data())]).toEqual([11, 11.25, 11.5, 3, 3.25, 3.5]);
    expect([...(await labels.data())]).toEqual([1, 3]);
  });
});

describe('shuffle', () => {
  const options = { batchSize: 8, shuffle: true, seed: 5 };
  it('gives every input once, in another order each epoch', async () => {
    const batches = loader(floats(50), options);
    const [first, second] = [await order(batches), await order(batches)];
    const sorted = Array.from({ length: 50 }, (_, i) => i);
    expect(first).not.toEqual(sorted);
    expect(second).not.toEqual(first);
    for (const seen of [first, second]) expect([...seen].sort((a, b) => a - b)).toEqual(sorted);
  });
  it('keeps inputs and labels together', async () => {
    for (const { inputs, labels } of await epoch(loader(floats(20), options))) {
      expect(labels.data).toEqual(inputs.data.filter((_, k) => k % 3 === 0).map((i) => i % 10));
    }
  });
  it('depends on seed and epoch alone', async () => {
    const [a, b] = [loader(floats(50), options), loader(floats(50), { ...options, batchSize: 7 })];
    const first = await order(a);
    expect(await order(b)).toEqual(first);
    b.epoch = 0;
    expect(await order(b)).toEqual(first);
    b.epoch = 1;
    expect(await order(b)).toEqual(await order(a));
    expect(await order(loader(floats(50), { ...options, seed: 6 }))).not.toEqual(first);
    expect(await order(loader(floats(50), { ...options, seed: 5 + 2 ** 32 }))).not.toEqual(first);
  });
  it("takes the device's seed unless told otherwise", async () => {
    const [a, b] = [undefined, device.generator.seed].map((seed) => loader(floats(50), { ...options, seed }));
    expect(await order(a)).toEqual(await order(b));
  });
  it('is fair: each input comes to each place equally often', () => {
    const [n, epochs] = [6, 3000];
    const counts = new Array<number>(n * n).fill(0);
    for (let k = 0; k < epochs; k++) shuffledOrder(n, 1, k).forEach((item, place) => counts[place * n + item]++);
    const expected = epochs / n;
    const chiSquare = counts.reduce((a, count) => a + (count - expected) ** 2 / expected, 0);
    // (n - 1)² = 25 degrees of freedom: deviation 7.1; five deviations.
    expect(Math.abs(chiSquare - 25)).toBeLessThan(36);
  });
  it('permutes one input, too', () => {
    expect([...shuffledOrder(1, 0, 0)]).toEqual([0]);
  });
});

describe('memory', () => {
  it('is that of one batch, and none after the loop', async () => {
    const batches = loader(floats(70), { batchSize: 3 });
    await epoch(batches);
    const { used, allocated } = device.memory;
    for await (const [inputs, labels] of batches) {
      expect(device.memory.used - used).toBe(2 * 256);
      expect([inputs.disposed, labels.disposed]).toEqual([false, false]);
    }
    expect(device.memory.used).toBe(used);
    expect(device.memory.allocated).toBe(allocated);
  });
  it('of a loop that was left early is given back by the next one, or by dispose()', async () => {
    const batches = loader(floats(7), { batchSize: 3 });
    const first = async () => {
      for await (const batch of batches) return batch;
      throw new Error('no batch');
    };
    const { used } = device.memory;
    const [inputs, labels] = await first();
    expect([...(await inputs.data()), ...(await labels.data())]).toEqual([
      0, 0.25, 0.5, 1, 1.25, 1.5, 2, 2.25, 2.5, 0, 1, 2,
    ]);
    expect((await first())[0].disposed).toBe(false);
    expect(inputs.disposed).toBe(true);
    batches.dispose();
    expect(device.memory.used).toBe(used);
    expect(await epoch(batches)).toHaveLength(3);
  });
  it('of a batch marked with keep() is not given back', async () => {
    const all: Tensor[] = [];
    for await (const [inputs] of loader(floats(7), { batchSize: 3 })) all.push(keep(inputs));
    const values = await Promise.all(all.map((inputs) => inputs.data()));
    expect(values.flatMap((data) => [...data]).filter((_, k) => k % 3 === 0)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const inputs of all) inputs.dispose();
  });
  it("of batch() is the caller's, as of any tensor", () => {
    const batches = loader(floats(4), { batchSize: 2 });
    const { used } = device.memory;
    tidy(() => {
      batches.batch(Uint32Array.of(0, 1));
    });
    expect(device.memory.used).toBe(used);
  });
});

describe('dataset', () => {
  const inputs = new Float32Array(6);
  const labels = new Uint8Array(2);
  it('counts its inputs', () => {
    expect(dataset({ inputs, shape: [3], labels })).toMatchObject({ count: 2, mean: 0, std: 1 });
    expect(dataset({ inputs: new Float32Array(2), shape: [], labels }).count).toBe(2);
  });
  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    [
      'too few inputs',
      () => dataset({ inputs, shape: [4], labels }),
      RangeError,
      'dataset: expected 8 input values for 2 labels and inputs of shape [4], got 6',
    ],
    [
      'no labels',
      () => dataset({ inputs, shape: [3], labels: new Uint8Array() }),
      RangeError,
      'dataset: expected at least 1 label, got 0',
    ],
    [
      'an empty shape',
      () => dataset({ inputs: new Float32Array(), shape: [0], labels }),
      ShapeError,
      'dataset: shape [0] has',
    ],
    [
      'no deviation',
      () => dataset({ inputs, shape: [3], labels, std: 0 }),
      RangeError,
      'dataset: expected a finite std > 0, got 0',
    ],
    [
      'no mean',
      () => dataset({ inputs, shape: [3], labels, mean: NaN }),
      RangeError,
      'dataset: expected a finite mean, got NaN',
    ],
  ])('refuses %s', (_, make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
  it('has parts', async () => {
    const part = subset(floats(10), 4, 7);
    expect(part.count).toBe(3);
    expect(await order(loader(part, { batchSize: 2 }))).toEqual([4, 5, 6]);
    expect(subset(floats(10), 8, 99).count).toBe(2);
    expect(() => subset(floats(10), 7, 7)).toThrow('dataset: expected at least 1 label, got 0');
  });
});

describe('loader', () => {
  it.each([0, -1, 1.5, NaN])('refuses the batch size %d', (batchSize) => {
    expect(() => loader(floats(2), { batchSize })).toThrow(
      new RangeError(`loader: expected batchSize to be an integer >= 1, got ${batchSize}`),
    );
  });
  it('refuses a bad seed', () => {
    expect(() => loader(floats(2), { batchSize: 1, seed: -1 })).toThrow('seed: expected an integer >= 0, got -1');
  });
  it('refuses an input that is not there', () => {
    expect(() => loader(floats(2), { batchSize: 1 }).batch(Uint32Array.of(0, 2))).toThrow(
      new RangeError('loader: expected inputs below 2, got 2'),
    );
  });
});
