import { beforeAll, describe, expect, it } from 'vitest';
import { dataset, loader, subset, type AnyDataset, type FieldInit, type Loader, type Tensors } from '../../src/data';
import type { Device } from '../../src/runtime/device';
import { tensor } from '../../src/tensor/create/create';
import { keep } from '../../src/tensor/scope';
import { ShapeError } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

type Seen = { shape: readonly number[]; dtype: string; data: number[] }[];

async function epoch(batches: Loader<Tensors, AnyDataset>): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const batch of batches) {
    const reads = batch.map((t) => t.data());
    seen.push(
      await Promise.all(batch.map(async ({ shape, dtype }, k) => ({ shape, dtype, data: [...(await reads[k])] }))),
    );
  }
  return seen;
}

const column = (seen: Seen[], k: number): number[] => seen.flatMap((batch) => batch[k].data);

describe('fields', () => {
  const ids = Int32Array.from({ length: 14 }, (_, i) => 100 * i);
  const rows = Array.from({ length: 7 }, (_, i) => [i / 2, i / 4]);

  it('of any number, dtype and shape become a tensor each', async () => {
    const set = dataset(
      { data: ids, shape: [2] },
      rows,
      Uint32Array.from({ length: 7 }, (_, i) => 2 ** 32 - 1 - i),
      { data: Uint8Array.of(9, 8, 7, 6, 5, 4, 3), dtype: 'int32' },
      Uint8Array.of(9, 8, 7, 6, 5, 4, 3),
      BigInt64Array.from({ length: 7 }, (_, i) => BigInt(-i)),
      { data: Float64Array.from({ length: 28 }, (_, i) => i), shape: [1, 2, 2] },
    );
    expect(set.count).toBe(7);
    const [first, , last] = await epoch(loader(set, { batchSize: 3 }));
    expect(first).toEqual([
      { shape: [3, 2], dtype: 'int32', data: [0, 100, 200, 300, 400, 500] },
      { shape: [3, 2], dtype: 'float32', data: [0, 0, 0.5, 0.25, 1, 0.5] },
      { shape: [3], dtype: 'uint32', data: [4294967295, 4294967294, 4294967293] },
      { shape: [3], dtype: 'int32', data: [9, 8, 7] },
      { shape: [3], dtype: 'float32', data: [9, 8, 7] },
      { shape: [3], dtype: 'int32', data: [0, -1, -2] },
      { shape: [3, 1, 2, 2], dtype: 'float32', data: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    ]);
    expect(last.map(({ shape }) => shape)).toEqual([[1, 2], [1, 2], [1], [1], [1], [1], [1, 1, 2, 2]]);
    expect(last[0].data).toEqual([1200, 1300]);
  });

  it('on the GPU are gathered there, and stay the caller’s', async () => {
    const x = tensor(rows);
    const y = tensor(ids.subarray(0, 7));
    const { used } = device.memory;
    const batches = loader(dataset(x, y), { batchSize: 3, shuffle: true, seed: 2 });
    const onHost = loader(dataset(rows, ids.subarray(0, 7)), { batchSize: 3, shuffle: true, seed: 2 });
    const seen = await epoch(batches);
    expect(seen).toEqual(await epoch(onHost));
    expect(column(seen, 1)).not.toEqual([...ids.subarray(0, 7)]);
    expect(await epoch(loader(dataset(x), { batchSize: 4 }))).toEqual(
      await epoch(loader(dataset(rows), { batchSize: 4 })),
    );
    expect([x.disposed, device.memory.used]).toEqual([false, used]);
    x.dispose();
    expect(() => batches.batch(Uint32Array.of(0))).toThrow('loader: field 0 is a freed tensor');
  });

  it('give their rows to collate', async () => {
    const batches = loader(dataset({ data: ids, shape: [2] }, rows), {
      batchSize: 4,
      dropLast: true,
      collate: (examples) => [
        examples.map(([id, row]) => [id[0] + row[0], id[1] + row[1]]),
        tensor([examples.length], { dtype: 'int32' }),
      ],
    });
    expect(await epoch(batches)).toEqual([
      [
        { shape: [4, 2], dtype: 'float32', data: [0, 100, 200.5, 300.25, 401, 500.5, 601.5, 700.75] },
        { shape: [1], dtype: 'int32', data: [4] },
      ],
    ]);
    const labelled = loader(dataset({ inputs: Uint8Array.of(1, 2, 3, 4), shape: [2], labels: [7, 8] }), {
      batchSize: 2,
      collate: (examples) => [examples.map(([bytes, label]) => [...bytes, label])],
    });
    expect(await epoch(labelled)).toEqual([[{ shape: [2, 3], dtype: 'float32', data: [1, 2, 7, 3, 4, 8] }]]);
  });

  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    ['nothing', () => dataset([]), RangeError, 'dataset: expected at least 1 example, got 0'],
    [
      'fields that differ in number',
      () => dataset(ids, rows),
      RangeError,
      'dataset: expected as many examples in field 1 as in field 0, 14, got 7',
    ],
    [
      'a number',
      () => dataset(ids, 3),
      ShapeError,
      'dataset: field 1: expected a first axis of examples, got a number',
    ],
    [
      'a scalar on the GPU',
      () => dataset(tensor(1)),
      ShapeError,
      'dataset: field 0: expected a first axis of examples, got []',
    ],
    [
      'numbers that do not fill a shape',
      () => dataset(rows, { data: ids, shape: [4] }),
      ShapeError,
      'dataset: field 1: expected a multiple of 4 numbers for examples of shape [4], got 14',
    ],
    [
      'an unknown dtype',
      () => dataset({ data: ids, dtype: 'int8' } as unknown as FieldInit, ids),
      TypeError,
      "dataset: field 0: expected dtype 'float32', 'int32' or 'uint32', got \"int8\"",
    ],
    [
      'an unknown key',
      () => dataset({ data: ids, shapes: [4] } as FieldInit, ids),
      TypeError,
      "dataset: field 0: unknown option 'shapes', did you mean 'shape'?",
    ],
    [
      'what can be looped over once',
      () => dataset(new Set([1]) as unknown as number[]),
      TypeError,
      'dataset: expected arrays, tensors or a function that starts an epoch, got what can be looped over',
    ],
  ])('refuse %s', (_, make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
});

describe('parts by index', () => {
  const values = Float32Array.from({ length: 8 }, (_, i) => i);
  const sets = {
    arrays: dataset(values, values),
    labelled: dataset({ inputs: values, shape: [], labels: Uint8Array.from(values) }),
    bytes: dataset({ inputs: Uint8Array.from(values, (v) => 255 * (v % 2)), shape: [], labels: values }),
    functions: dataset({ count: 8, example: (i: number) => [i, { data: i, dtype: 'int32' }] }),
  };
  it.each(Object.entries(sets))('of %s come in the order of the list, and more than once', async (_, set) => {
    const part = subset(set, [6, 1, 1, 3]);
    expect(part.count).toBe(4);
    const batches = (of: AnyDataset) => new (loader(sets.labelled, { batchSize: 3 }).constructor as typeof Loader)(of, { batchSize: 3 }); // prettier-ignore
    expect(column(await epoch(batches(part)), 1)).toEqual([6, 1, 1, 3]);
    expect(column(await epoch(batches(subset(part, Uint32Array.of(3, 0)))), 1)).toEqual([3, 6]);
    expect(column(await epoch(batches(subset(set, 2, 5))), 1)).toEqual([2, 3, 4]);
    expect(column(await epoch(batches(subset(subset(set, 2, 99), 1, 3))), 1)).toEqual([3, 4]);
  });
  it('refuse what is not there', () => {
    expect(() => subset(sets.arrays, [0, 8])).toThrow(
      new RangeError('subset: expected indices from 0 to 7, got 8 at 1'),
    );
    expect(() => subset(sets.functions, [0.5])).toThrow('subset: expected indices from 0 to 7, got 0.5 at 0');
    expect(() => subset(sets.labelled, [])).toThrow(new RangeError('subset: expected at least 1 index, got 0'));
    expect(() => subset(sets.arrays, 3, 3)).toThrow('subset: expected at least 1 index, got 0');
    const stream = dataset(() => [1]) as unknown as typeof sets.arrays;
    expect(() => subset(stream, [0])).toThrow('subset: examples of a stream have no numbers');
  });
});

describe('memory of fields', () => {
  it('is that of one batch, and kept tensors stay', async () => {
    const batches = loader(dataset(new Float32Array(9), new Int32Array(9)), { batchSize: 2 });
    await epoch(batches);
    const { used, allocated } = device.memory;
    const held: Tensor[] = [];
    for await (const [x] of batches) held.push(keep(x));
    expect(device.memory.used - used).toBe(5 * 256);
    for (const x of held) x.dispose();
    expect(device.memory.used).toBe(used);
    expect(device.memory.allocated - allocated).toBeLessThanOrEqual(4 * 256);
  });
});
