import { beforeAll, describe, expect, it, vi } from 'vitest';
import { dataset, loader, shuffledOrder, type AnyDataset, type Field, type Loader, type Tensors } from '../../src/data';
import type { Device } from '../../src/runtime/device';
import { ones, tensor } from '../../src/tensor/create/create';
import { keep } from '../../src/tensor/scope';
import { ShapeError } from '../../src/tensor/shape';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

async function epoch(batches: Loader<Tensors, AnyDataset>): Promise<number[][][]> {
  const seen: number[][][] = [];
  for await (const batch of batches) seen.push(await Promise.all(batch.map(async (t) => [...(await t.data())])));
  return seen;
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

function* pairs(count: number) {
  for (let i = 0; i < count; i++) yield [Float32Array.of(i, -i), { data: i, dtype: 'int32' }] as const;
}

const EXPECTED = [
  [
    [0, -0, 1, -1],
    [0, 1],
  ],
  [
    [2, -2, 3, -3],
    [2, 3],
  ],
  [[4, -4], [4]],
];

describe('a dataset of', () => {
  const streams = {
    'a generator': () => pairs(5),
    'an async generator': async function* () {
      for (const pair of pairs(5)) {
        await soon();
        yield pair;
      }
    },
    'a function of an array': () => [...pairs(5)],
    'an async function': async () => {
      await soon();
      return [...pairs(5)];
    },
    'an array of promises': () => [...pairs(5)].map((pair) => soon().then(() => pair)),
  };
  it.each(Object.entries(streams))('%s is read from the start in each epoch', async (_, source) => {
    const set = dataset(source as () => Iterable<readonly [Field, Field]>);
    const batches = loader(set, { batchSize: 2 });
    expect(batches.length).toBe(Infinity);
    expect(await epoch(batches)).toEqual(EXPECTED);
    expect(await epoch(batches)).toEqual(EXPECTED);
    expect(await epoch(loader(set, { batchSize: 2, dropLast: true }))).toEqual(EXPECTED.slice(0, 2));
    expect(await epoch(loader(set, { batchSize: 5, dropLast: true }))).toHaveLength(1);
  });

  it.each([
    ['a function', (i: number) => [i, 10 * i] as const],
    ['an async function', async (i: number) => (await soon(), [i, 10 * i] as const)],
  ])('%s of the index is shuffled by the seed', async (_, example) => {
    const set = dataset({ count: 9, example });
    const batches = loader(set, { batchSize: 4, shuffle: true, seed: 3 });
    expect(batches.length).toBe(3);
    for (const number of [0, 1]) {
      const seen = await epoch(batches);
      expect(seen.flatMap(([x]) => x)).toEqual([...shuffledOrder(9, 3, number)]);
      expect(seen.flatMap(([, y]) => y)).toEqual(Array.from(shuffledOrder(9, 3, number), (i) => 10 * i));
    }
  });

  it('a function of the index gives batch() what it has at once', async () => {
    const [x] = loader(dataset({ count: 9, example: (i) => i }), { batchSize: 2 }).batch(Uint32Array.of(5, 4));
    expect([...(await x.data())]).toEqual([5, 4]);
    const later = loader(dataset({ count: 9, example: (i) => Promise.resolve(i) }), { batchSize: 2 });
    expect(() => later.batch(Uint32Array.of(5))).toThrow('the examples of this dataset come later');
  });
});

describe('a stream', () => {
  it('is told the epoch, which looking at it in order does not count', async () => {
    const epochs: number[] = [];
    const batches = loader(
      dataset((number) => (epochs.push(number), [number])),
      { batchSize: 1 },
    );
    await epoch(batches);
    for await (const [x] of batches.inOrder()) expect(await x.item()).toBe(0);
    expect(await epoch(batches)).toEqual([[[1]]]);
    expect(epochs).toEqual([0, 0, 1]);
  });

  it('may give whole batches, of any shapes', async () => {
    const set = dataset(function* () {
      for (const n of [2, 1, 3]) yield [{ data: new Float32Array(2 * n).fill(n), shape: [n, 2] }, ones([n])];
    });
    const seen = [];
    const { used } = device.memory;
    for await (const [x, y] of loader(set, { batchSize: null })) seen.push([x.shape, y.shape]);
    expect(seen).toEqual([
      [[2, 2], [2]],
      [[1, 2], [1]],
      [[3, 2], [3]],
    ]);
    expect(device.memory.used).toBe(used);
  });

  it('has its batches made by collate, sync or async', async () => {
    const words = ['a', 'to', 'sea', 'b'];
    const pad = (some: string[]) => {
      const longest = Math.max(...some.map((word) => word.length));
      const data = Int32Array.from(some.flatMap((word) => Array.from(word.padEnd(longest))), (letter) => letter.charCodeAt(0)); // prettier-ignore
      return [{ data, shape: [some.length, longest] }, some.map((word) => word.length)] as const;
    };
    const set = dataset(() => words);
    for (const collate of [pad, async (some: string[]) => (await soon(), pad(some))]) {
      const shapes = [];
      for await (const [x, y] of loader(set, { batchSize: 3, collate })) shapes.push([x.dtype, x.shape, y.shape]);
      expect(shapes).toEqual([
        ['int32', [3, 3], [3]],
        ['int32', [1, 1], [1]],
      ]);
    }
  });

  it('frees the tensors that it gives, but for those marked with keep()', async () => {
    const constant = keep(tensor([7, 8]));
    const set = dataset(function* () {
      for (let i = 0; i < 5; i++) yield [tensor([i, i]), constant];
    });
    const { used } = device.memory;
    expect(await epoch(loader(set, { batchSize: 2 }))).toEqual([
      [
        [0, 0, 1, 1],
        [7, 8, 7, 8],
      ],
      [
        [2, 2, 3, 3],
        [7, 8, 7, 8],
      ],
      [
        [4, 4],
        [7, 8],
      ],
    ]);
    expect(device.memory.used).toBe(used);
    expect(constant.disposed).toBe(false);
    constant.dispose();
  });

  it('is asked for the next batch while one is used, and no further', async () => {
    const asked: number[] = [];
    const set = dataset(async function* () {
      for (let i = 0; ; i++) {
        asked.push(i);
        await Promise.resolve();
        yield i;
      }
    });
    let batch = 0;
    for await (const [x] of loader(set, { batchSize: 2 })) {
      await soon();
      await x.data();
      expect(asked.length).toBe(2 * (++batch + 1));
      if (batch === 4) break;
    }
  });

  it('without an end is ended when the loop is left, also while it is waiting', async () => {
    const ended = vi.fn();
    const endless = dataset(function* () {
      try {
        for (;;) yield 1;
      } finally {
        ended();
      }
    });
    for await (const [x] of loader(endless, { batchSize: 2 })) if (x.size === 2) break;
    await soon();
    expect(ended).toHaveBeenCalledTimes(1);
    const stuck = dataset(async function* () {
      yield 1;
      await new Promise(() => undefined);
    });
    let batches = 0;
    for await (const [x] of loader(stuck, { batchSize: 1 })) {
      batches += x.size;
      break;
    }
    expect(batches).toBe(1);
  });

  it('is ended when its examples do not fit', async () => {
    const ended = vi.fn();
    const growing = dataset(function* () {
      try {
        for (let i = 1; ; i++) yield new Float32Array(i);
      } finally {
        ended();
      }
    });
    await expect(epoch(loader(growing, { batchSize: 2 }))).rejects.toThrow('got [2] in example 1');
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('that fails fails the loop at the batch that it happened in', async () => {
    const failing = dataset(function* () {
      yield* [1, 2, 3];
      throw new Error('disk on fire');
    });
    let batches = 0;
    const loop = async () => {
      for await (const [x] of loader(failing, { batchSize: 2 })) batches += x.size;
    };
    await expect(loop()).rejects.toThrow('disk on fire');
    expect(batches).toBe(2);
    // Nobody asks for the second batch.
    for await (const [x] of loader(failing, { batchSize: 2 })) if (x.size > 0) break;
    await soon();
  });
});

describe('examples', () => {
  const only = (...examples: unknown[]) => epoch(loader(dataset(() => examples as Field[]), { batchSize: 3 })); // prettier-ignore
  it.each<[string, unknown[], new (message: string) => Error, string]>([
    [
      'of different shapes',
      [[[1, 2], 1], [[1, 2, 3], 1]],
      ShapeError,
      'loader: expected field 0 to be [2] in each example of a batch, as in its first, got [3] in example 1; a collate function',
    ],
    [
      'of different dtypes',
      [[1, { data: 1, dtype: 'int32' }], [1, { data: 1, dtype: 'uint32' }]],
      TypeError,
      'loader: expected field 1 to be int32 in each example of a batch, as in its first, got uint32 in example 1',
    ],
    [
      'of different numbers of fields',
      [[1], [1, 2]],
      TypeError,
      'loader: expected 1 fields in each example of a batch, as in its first, got 2 in example 1',
    ],
    ['without fields', [[]], TypeError, 'loader: expected an example to be an array of fields, got an array of length 0'],
    ['that are nothing', [undefined], TypeError, 'loader: expected an example to be an array of fields, got undefined'],
    ['that are text', ['a'], TypeError, 'loader: expected numbers in (nested) arrays, a typed array or an ImageData, got a string'],
    [
      'that do not fill their shape',
      [{ data: [1, 2], shape: [3] }],
      ShapeError,
      'loader: expected 3 numbers for shape [3] in field 0, got 2',
    ],
  ])('%s are refused', async (_, examples, kind, message) => {
    await expect(only(...examples)).rejects.toThrow(kind);
    await expect(only(...examples)).rejects.toThrow(message);
  }); // prettier-ignore
  it('are something to loop over', async () => {
    const none = dataset((() => 5) as unknown as () => number[]);
    await expect(epoch(loader(none, { batchSize: 1 }))).rejects.toThrow(
      "loader: expected the dataset's function to return examples to loop over, got 5",
    );
  });
  it('of a stream are not shuffled, and have no numbers', () => {
    const set = dataset(() => [1]);
    expect(() => loader(set, { batchSize: 1, shuffle: true })).toThrow('loader: a stream cannot be shuffled');
    expect(() => loader(set, { batchSize: 1 }).batch(Uint32Array.of(0))).toThrow('of a stream have no numbers');
  });
  it.each([0, 2.5, NaN])('are not %d in number', (count) => {
    expect(() => dataset({ count, example: (i: number) => i })).toThrow(
      new RangeError(`dataset: expected count to be an integer >= 1, got ${count}`),
    );
  });
});
