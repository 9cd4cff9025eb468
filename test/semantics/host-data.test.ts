import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  arange,
  full,
  nn,
  ones,
  ShapeError,
  tensor,
  where,
  zeros,
  type DType,
  type HostData,
  type Shape,
  type Tensor,
} from '../../src';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const image = { width: 2, height: 1, data: new Uint8ClampedArray([0, 1, 127, 255, 128, 2, 3, 4]) };

describe('what users hold becomes a tensor by a stated rule', () => {
  it.each<[string, HostData, DType | undefined, DType, Shape, number[]]>([
    ['bytes: 0 to 255', new Uint8Array([0, 128, 255]), undefined, 'float32', [3], [0, 128, 255]],
    ['bytes as labels', new Uint8Array([0, 9]), 'int32', 'int32', [2], [0, 9]],
    ['clamped bytes', new Uint8ClampedArray([0, 255]), undefined, 'float32', [2], [0, 255]],
    ['an image', image, undefined, 'float32', [1, 2, 4], [...image.data]],
    ['an image as integers', image, 'uint32', 'uint32', [1, 2, 4], [...image.data]],
    ['8 bits', new Int8Array([-128, 127]), undefined, 'float32', [2], [-128, 127]],
    ['16 bits', new Int16Array([-32768]), undefined, 'float32', [1], [-32768]],
    ['16 bits, unsigned', new Uint16Array([65535]), undefined, 'float32', [1], [65535]],
    ['doubles, rounded', new Float64Array([0.1, -Infinity]), undefined, 'float32', [2], [Math.fround(0.1), -Infinity]],
    ['64-bit integers', new BigInt64Array([-5n, 7n]), undefined, 'int32', [2], [-5, 7]],
    ['64-bit integers, unsigned', new BigUint64Array([2n ** 32n - 1n]), undefined, 'uint32', [1], [2 ** 32 - 1]],
    [
      'rows of typed arrays',
      [new Float32Array([1, 2]), new Float32Array([3, 4])],
      undefined,
      'float32',
      [2, 2],
      [1, 2, 3, 4],
    ],
    [
      'rows of integers',
      [new Int32Array([1]), new Int32Array([2 ** 31 - 1])],
      undefined,
      'int32',
      [2, 1],
      [1, 2 ** 31 - 1],
    ],
    ['whole float32 as integers', new Float32Array([3, -4]), 'int32', 'int32', [2], [3, -4]],
    ['integers as float32', new Int32Array([2 ** 24]), 'float32', 'float32', [1], [2 ** 24]],
    ['-0 as an integer', [-0], 'int32', 'int32', [1], [0]],
    ['the ends of int32', [-(2 ** 31), 2 ** 31 - 1], 'int32', 'int32', [2], [-(2 ** 31), 2 ** 31 - 1]],
  ])('%s', async (_, data, dtype, expectedType, shape, expected) => {
    const made = tensor(data, { dtype });
    expect([made.dtype, made.shape]).toEqual([expectedType, shape]);
    expect([...(await made.data())].map((x) => x + 0)).toEqual(expected);
  });
  it('also by write()', async () => {
    const x = zeros([2, 2]);
    x.write([
      [1, 2],
      [3, 4],
    ]);
    x.write(new Uint8Array([5, 6, 7, 255]));
    expect([...(await x.data())]).toEqual([5, 6, 7, 255]);
  });
});

describe('a number that cannot be held is an error that names it', () => {
  const int = (value: number) => full([2], value, { dtype: 'int32' });
  it.each<[string, () => unknown, string]>([
    [
      'beyond int32',
      () => tensor([1, 3e9], { dtype: 'int32' }),
      'tensor: 3000000000 at [1] is out of range for int32 (-2147483648 to 2147483647)',
    ],
    [
      'below uint32',
      () => tensor([[0], [-1]], { dtype: 'uint32' }),
      'tensor: -1 at [1, 0] is out of range for uint32 (0 to 4294967295)',
    ],
    [
      'a fraction',
      () =>
        tensor(
          [
            [1, 2],
            [3, 0.5],
          ],
          { dtype: 'int32' },
        ),
      'tensor: 0.5 at [1, 1] is not an integer, which int32 holds',
    ],
    ['NaN among integers', () => tensor([NaN], { dtype: 'int32' }), 'tensor: NaN at [0] is not an integer'],
    ['a number alone', () => tensor(0.5, { dtype: 'int32' }), 'tensor: 0.5 at [] is not an integer'],
    [
      'of another typed array',
      () => tensor(new Float32Array([1.5]), { dtype: 'uint32' }),
      'tensor: 1.5 at [0] is not an integer',
    ],
    [
      'of a negative typed array',
      () => tensor(new Int32Array([-1]), { dtype: 'uint32' }),
      'tensor: -1 at [0] is out of range for uint32',
    ],
    ['beyond float32', () => tensor([1e39]), 'tensor: 1e+39 at [0] is too large for float32'],
    [
      'a double beyond float32',
      () => tensor(new Float64Array([0, -1e39])),
      'tensor: -1e+39 at [1] is too large for float32',
    ],
    [
      'an integer that float32 rounds',
      () => tensor(new Int32Array([2 ** 24 + 1]), { dtype: 'float32' }),
      'tensor: 16777217 at [0] cannot be held exactly by float32',
    ],
    [
      '64 bits beyond 32',
      () => tensor(new BigInt64Array([0n, 2n ** 31n])),
      'tensor: 2147483648 at [1] is out of range for int32',
    ],
    [
      '64 bits that a double rounds',
      () => tensor(new BigInt64Array([2n ** 53n + 1n]), { dtype: 'float32' }),
      'tensor: 9007199254740993 at [0] cannot be held exactly by float32',
    ],
    [
      'write',
      () => {
        int(0).write([1, 2.5]);
      },
      'write: 2.5 at [1] is not an integer',
    ],
    ['full', () => int(0.5), 'full: 0.5 is not an integer, which int32 holds'],
    ['full beyond float32', () => full([1], 1e39), 'full: 1e+39 is too large for float32'],
    [
      'arange with a step that is a fraction',
      () => arange(0, 3, 0.5, { dtype: 'int32' }),
      'arange: 0.5 is not an integer',
    ],
    [
      'arange that ends too high',
      () => arange(2147483646, 2147483650, 1, { dtype: 'int32' }),
      'arange: 2147483649 is out of range for int32',
    ],
    ['arange below 0', () => arange(2, -2, -1, { dtype: 'uint32' }), 'arange: -1 is out of range for uint32'],
    ['a constant of an op', () => add(int(1), 0.5), 'add: 0.5 is not an integer, which int32 holds'],
    ['a constant of an op beyond the range', () => add(3e9, int(1)), 'add: 3000000000 is out of range for int32'],
    ['a branch of where', () => where(int(1), int(1), 0.5), 'where: 0.5 is not an integer'],
    ['an initial value', () => nn.init.constant(int(1), -0.5), 'init: -0.5 is not an integer'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(message);
  });
  it('arange downwards in uint32', async () => {
    expect([...(await arange(3, -1, -1, { dtype: 'uint32' }).data())]).toEqual([3, 2, 1, 0]);
  });
});

describe('messages name the thing and print no data', () => {
  const bytes = new Uint8Array(500_000);
  const as = (value: unknown): never => value as never;
  it.each<[string, () => unknown, string, new (message: string) => Error]>([
    ['a shape that is a number', () => full(2 as never, 0), 'full: expected a shape such as [2, 3], got 2', TypeError],
    ['no shape', () => full(as(undefined), 1), 'full: expected a shape such as [2, 3], got undefined', TypeError],
    [
      'a typed array as shape',
      () => ones(as(bytes)),
      'ones: expected a shape such as [2, 3], got a Uint8Array of length 500000',
      TypeError,
    ],
    [
      'data as shape',
      () => zeros(Array.from({ length: 1000 }, () => 0.5)),
      ', 0.5, ... 984 more] has an axis',
      ShapeError,
    ],
    [
      'an unknown dtype',
      () => zeros([2], { dtype: as('float16') }),
      `zeros: expected dtype 'float32', 'int32' or 'uint32', got "float16"`,
      TypeError,
    ],
    ['an unknown dtype of data', () => tensor([1], { dtype: as('float64') }), 'tensor: expected dtype', TypeError],
    ['no value', () => full([2], as(undefined)), 'full: expected a number, got undefined', TypeError],
    [
      'no data',
      () => tensor(as(undefined)),
      'tensor: expected numbers in (nested) arrays, a typed array or an ImageData, got undefined',
      TypeError,
    ],
    ['text', () => tensor(as('12')), 'ImageData, got a string', TypeError],
    ['a buffer', () => tensor(as(bytes.buffer)), 'ImageData, got an ArrayBuffer', TypeError],
    ['an object', () => tensor(as({ a: 1 })), 'ImageData, got an object', TypeError],
    [
      'bytes in rows that differ',
      () => tensor(as([bytes, bytes.subarray(1)])),
      'tensor: rows of 500000 and of 499999 entries in axis 1',
      ShapeError,
    ],
    ['bytes beside a number', () => tensor(as([bytes, 1])), 'tensor: rows of different depth', ShapeError],
    ['bytes beside an object', () => tensor(as([1, bytes])), 'tensor: rows of different depth', ShapeError],
    [
      'an image of another size',
      () => tensor({ width: 3, height: 3, data: bytes }),
      'tensor: expected [3, 3, 4] bytes of an image, got 500000',
      ShapeError,
    ],
    [
      'bytes for another shape',
      () => tensor(bytes, { shape: [3] }),
      'tensor: shape [3] holds 3 numbers, got 500000',
      ShapeError,
    ],
    [
      'a source that is no tensor',
      () => {
        zeros([1]).copyFrom(as(bytes));
      },
      'copyFrom: expected a tensor as source, got a Uint8Array of length 500000',
      TypeError,
    ],
  ])('%s', (_, make, message, type) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
    expect(make).toThrow(/^.{0,200}$/s);
  });
  it.each<[string, (x: Tensor<'int32'>) => void]>([
    [
      'the setter',
      (x) => {
        x.requiresGrad = true;
      },
    ],
    ['a factory', () => zeros([1], { dtype: 'int32', requiresGrad: true })],
  ])('requiresGrad of integers, by %s', (_, set) => {
    expect(() => {
      set(zeros([1], { dtype: 'int32' }));
    }).toThrow(TypeError);
    expect(() => {
      set(zeros([1], { dtype: 'int32' }));
    }).toThrow('requiresGrad: only float32 tensors have gradients, Tensor([1], int32) has none');
  });
});
