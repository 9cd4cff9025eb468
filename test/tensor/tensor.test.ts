import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/runtime/device';
import type { DType } from '../../src/tensor/dtype';
import { arange, full, ones, tensor, zeros } from '../../src/tensor/create/create';
import { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

describe('reading', () => {
  it('item() gives the only element', async () => {
    expect(await full([], 2.5).item()).toBe(2.5);
    expect(await full([1, 1], -3, { dtype: 'int32' }).item()).toBe(-3);
    await expect(ones([2]).item()).rejects.toThrow('item: expected a tensor of one element, got [2]');
  });
  it('data() gives a copy', async () => {
    const x = ones([2]);
    (await x.data()).fill(7);
    expect(await x.data()).toEqual(new Float32Array([1, 1]));
  });
});

describe('write', () => {
  it('overwrites the elements', async () => {
    const x = zeros([2, 2]);
    x.write(new Float32Array([1, 2, 3, 4]));
    expect(await x.data()).toEqual(new Float32Array([1, 2, 3, 4]));
  });
  it('refuses another number of elements, and numbers that the dtype does not hold', () => {
    expect(() => {
      zeros([2, 2]).write(new Float32Array(3));
    }).toThrow('write: [2, 2] has 4 elements, the data has 3');
    expect(() => {
      zeros([2], { dtype: 'int32' }).write(new Float32Array([1, 2.5]));
    }).toThrow('write: 2.5 at [1] is not an integer, which int32 holds');
  });
});

describe('copyFrom', () => {
  it('copies the elements', async () => {
    const [x, y] = [arange(6), zeros([6])];
    y.copyFrom(x);
    x.write(new Float32Array(6));
    expect(await y.data()).toEqual(new Float32Array([0, 1, 2, 3, 4, 5]));
  });
  it('refuses another shape or type', () => {
    expect(() => {
      zeros([2, 3]).copyFrom(zeros([3, 2]));
    }).toThrow('copyFrom: expected shape [2, 3], got [3, 2]');
    expect(() => {
      zeros([2]).copyFrom(zeros([2], { dtype: 'uint32' }) as never);
    }).toThrow('copyFrom: expected float32, got uint32');
  });
});

describe('alias', () => {
  it('is another view of the same memory', async () => {
    const x = arange(6);
    const y = x.alias([2, 3]);
    expect(y.shape).toEqual([2, 3]);
    y.write(new Float32Array([9, 1, 2, 3, 4, 5]));
    expect((await x.data())[0]).toBe(9);
  });
  it('keeps the memory when the first view is freed', async () => {
    const x = arange(3);
    const y = x.alias();
    const { used } = device.memory;
    x.dispose();
    expect(device.memory.used).toBe(used);
    expect(await y.data()).toEqual(new Float32Array([0, 1, 2]));
    const before = device.memory.used;
    y.dispose();
    expect(before - device.memory.used).toBe(256);
  });
  it('refuses another number of elements', () => {
    expect(() => arange(6).alias([4])).toThrow('reshape: input [6] has 6 elements, [4] has 4');
  });
});

describe('rebind', () => {
  it('moves a tensor to another place', async () => {
    const home = arange(128);
    const x = ones([2]);
    const { used } = device.memory;
    x.rebind(home.storage, 256);
    expect(used - device.memory.used).toBe(256);
    expect(await x.data()).toEqual(new Float32Array([64, 65]));
    x.rebind(home.storage, 0);
    expect(await x.data()).toEqual(new Float32Array([0, 1]));
    home.dispose();
    expect(await x.data()).toEqual(new Float32Array([0, 1]));
  });
  it('to its own memory changes nothing', async () => {
    const x = arange(3);
    x.rebind(x.storage, 0);
    expect(await x.data()).toEqual(new Float32Array([0, 1, 2]));
    expect(x.storage.references).toBe(1);
  });
});

describe('dispose', () => {
  it('gives the memory back once, however often it is called', () => {
    const { used } = device.memory;
    const x = zeros([100]);
    expect(device.memory.used - used).toBe(448);
    expect(x.disposed).toBe(false);
    x.dispose();
    x.dispose();
    expect(x.disposed).toBe(true);
    expect(device.memory.used).toBe(used);
  });
  it('happens at the end of a `using` block', () => {
    let seen: Tensor;
    {
      using x = zeros([4]);
      seen = x;
      expect(seen.disposed).toBe(false);
    }
    expect(seen.disposed).toBe(true);
  });
  it.each<[string, (x: Tensor) => unknown]>([
    ['data', (x) => x.data()],
    ['item', (x) => x.item()],
    ['format', (x) => x.format()],
  ])('makes %s() reject', async (_, use) => {
    const x = zeros([1]);
    x.dispose();
    await expect(use(x)).rejects.toThrow(
      'a freed tensor of shape [1]: dispose() freed it, which keep() does not prevent',
    );
  });
  it.each<[string, (x: Tensor) => unknown]>([
    [
      'write',
      (x) => {
        x.write(new Float32Array(6));
      },
    ],
    [
      'copyFrom',
      (x) => {
        x.copyFrom(zeros([2, 3]));
      },
    ],
    ['alias', (x) => x.alias()],
    ['detach', (x) => x.detach()],
    ['view', (x) => x.view],
  ])('makes %s throw', (_, use) => {
    const x = zeros([2, 3]);
    x.dispose();
    expect(() => use(x)).toThrow('a freed tensor of shape [2, 3]');
  });
  it('leaves shape and type known', () => {
    const x = zeros([2, 3]);
    x.dispose();
    expect(x.toString()).toBe('Tensor([2, 3], float32)');
  });
  it('does not disturb a read that was asked for before', async () => {
    const x = arange(3);
    const data = x.data();
    x.dispose();
    ones([3]);
    expect(await data).toEqual(new Float32Array([0, 1, 2]));
  });
});

describe('text', () => {
  it('toString() names shape and type', () => {
    expect(String(zeros([2, 3]))).toBe('Tensor([2, 3], float32)');
    expect(String(zeros([], { dtype: 'int32' }))).toBe('Tensor([], int32)');
  });
  it.each<[string, () => Tensor<DType>, string]>([
    ['a scalar', () => full([], 2.5), 'tensor(2.5)'],
    ['a row', () => arange(3), 'tensor([0, 1, 2])'],
    ['integers', () => arange(0, 2, 1, { dtype: 'int32' }), 'tensor([0, 1], int32)'],
    [
      'a matrix',
      () =>
        tensor([
          [1, 2],
          [3, 4],
        ]),
      'tensor([[1, 2],\n        [3, 4]])',
    ],
    ['three axes', () => arange(4).alias([2, 1, 2]), 'tensor([[[0, 1]],\n        [[2, 3]]])'],
    ['five digits', () => tensor([1 / 3, 123456.789, 1e-7]), 'tensor([0.33333, 123460, 1e-7])'],
    ['a long row', () => arange(20), 'tensor([0, 1, 2, ..., 17, 18, 19])'],
    ['eight entries', () => arange(8), 'tensor([0, 1, 2, 3, 4, 5, 6, 7])'],
  ])('format() shows %s', async (_, make, text) => {
    expect(await make().format()).toBe(text);
  });
  it('format() shortens each long axis', async () => {
    const text = await arange(100).alias([10, 10]).format();
    expect(text.split('\n')).toEqual([
      'tensor([[0, 1, 2, ..., 7, 8, 9],',
      '        [10, 11, 12, ..., 17, 18, 19],',
      '        [20, 21, 22, ..., 27, 28, 29],',
      '        ...,',
      '        [70, 71, 72, ..., 77, 78, 79],',
      '        [80, 81, 82, ..., 87, 88, 89],',
      '        [90, 91, 92, ..., 97, 98, 99]])',
    ]);
  });
});
