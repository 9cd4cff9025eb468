import { beforeAll, describe, expect, it } from 'vitest';
import * as wgrad from '../../src';
import { arange, DisposedError, ones, ShapeError, type Tensor } from '../../src';
import * as unary from '../../src/ops/elementwise/unary';
import { testDevice } from '../support/device';

beforeAll(testDevice);

type Call = (x: Tensor, y: Tensor) => unknown;

/** Every function of tensors, with its first two. */
const CALLS: Record<string, Call> = {
  avgPool2d: (x) => wgrad.avgPool2d(x, 2),
  globalAvgPool2d: (x) => wgrad.globalAvgPool2d(x),
  maxPool2d: (x) => wgrad.maxPool2d(x, 2),
  batchNorm: (x) => wgrad.batchNorm(x, { training: true }),
  concat: (x, y) => wgrad.concat([x, y], 0),
  stack: (x, y) => wgrad.stack([x, y], 0),
  conv2d: (x, y) => wgrad.conv2d(x, y),
  convTranspose2d: (x, y) => wgrad.convTranspose2d(x, y),
  dropout: (x) => wgrad.dropout(x, 0.5),
  expand: (x) => wgrad.expand(x, [1]),
  gather: (x, y) => wgrad.gather(x, 0, y),
  layerNorm: (x) => wgrad.layerNorm(x, 1),
  permute: (x) => wgrad.permute(x, [0]),
  reshape: (x) => wgrad.reshape(x, [-1]),
  pad: (x) => wgrad.pad(x, [[1, 1]]),
  slice: (x) => wgrad.slice(x, [0], [1]),
  cast: (x) => wgrad.cast(x, 'int32'),
  cumsum: (x) => wgrad.cumsum(x, 0),
  multinomial: (x) => wgrad.multinomial(x, 1),
  chunk: (x) => wgrad.chunk(x, 1),
  split: (x) => wgrad.split(x, 1),
  unsqueeze: (x) => wgrad.unsqueeze(x, 0),
  upsample: (x) => wgrad.upsample(x, { size: 2 }),
  where: (x, y) => wgrad.where(x, y, y),
};
for (const name of [
  'add',
  'div',
  'eq',
  'ge',
  'gt',
  'le',
  'lt',
  'maximum',
  'minimum',
  'mul',
  'ne',
  'pow',
  'sub',
] as const)
  CALLS[name] = (x, y) => wgrad[name](x, y);
for (const name of [
  'embedding',
  'linear',
  'crossEntropy',
  'mseLoss',
  'l1Loss',
  'smoothL1',
  'bceWithLogits',
  'klDiv',
  'nllLoss',
  'matmul',
] as const)
  CALLS[name] = (x, y) => wgrad[name](x, y);
type Unary = (x: wgrad.Tensor, p: number, q: number) => wgrad.Tensor;
for (const [name, op] of Object.entries<unknown>(unary)) CALLS[name] = (x) => (op as Unary)(x, 0.5, 1);
for (const name of [
  'argmax',
  'argmin',
  'clone',
  'squeeze',
  'std',
  'tril',
  'triu',
  'flatten',
  'transpose',
  'max',
  'mean',
  'min',
  'sum',
  'variance',
  'logSoftmax',
  'softmax',
] as const)
  CALLS[name] = (x) => wgrad[name](x);

const as = (value: unknown): Tensor => value as Tensor;
const names = Object.keys(CALLS);

describe('what is no tensor is named with its op', () => {
  it.each(names)('%s', (name) => {
    const call = CALLS[name];
    const expected = new RegExp(`^${name}: expected a tensor`);
    for (const [given, text] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [[[1, 2]], 'an array of length 1'],
      [new Float32Array(500_000), 'a Float32Array of length 500000'],
      [ones([1]).data(), 'a Promise'],
      ['x', 'a string'],
    ]) {
      for (const use of [() => call(as(given), ones([2, 2])), () => call(as(given), as(given))]) {
        expect(use).toThrow(TypeError);
        expect(use).toThrow(expected);
        expect(use).toThrow(text);
        expect(use).toThrow(/^.{0,200}$/s);
      }
      if (call.length > 1) expect(() => call(ones([2, 2]), as(given))).toThrow(expected);
    }
  });
  it.each(names)('%s of a freed tensor', (name) => {
    const [x, y] = [ones([2, 2]), ones([2, 2])];
    x.dispose();
    expect(() => CALLS[name](x, y)).toThrow(DisposedError);
    expect(() => CALLS[name](x, y)).toThrow(/^\w+: .* is a freed tensor of shape \[2, 2\]/);
  });
  it('the list is whole', async () => {
    expect(names.sort()).toEqual(Object.keys(await import('../../src/ops')).sort());
  });
});

describe('settings of shapes', () => {
  const x = () => arange(6);
  it.each<[string, () => unknown, string]>([
    [
      'reshape to nothing',
      () => wgrad.reshape(x(), as(undefined) as never),
      'reshape: expected an array as shape, got undefined',
    ],
    ['expand to a number', () => wgrad.expand(x(), 3 as never), 'expand: expected a shape such as [2, 3], got 3'],
    [
      'permute by nothing',
      () => wgrad.permute(x(), undefined as never),
      'permute: expected an array as axes, got undefined',
    ],
    [
      'slice from nothing',
      () => wgrad.slice(x(), undefined as never, [1]),
      'slice: expected an array as starts, got undefined',
    ],
    [
      'slice to nothing',
      () => wgrad.slice(x(), [1], undefined as never),
      'slice: expected an array as ends, got undefined',
    ],
    ['pad by a number', () => wgrad.pad(x(), 1 as never), 'pad: expected an array as padding, got 1'],
    ['concat of a tensor', () => wgrad.concat(x() as never), 'concat: expected an array as tensors, got a Tensor'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(new TypeError(message));
  });
  it.each([[[2.5, 2.4]], [[-2, -3]], [[6, 0]], [[6, -1, -1]]])('reshape to %j', (shape) => {
    expect(() => wgrad.reshape(x(), shape)).toThrow(ShapeError);
  });
});

describe('what passed in silence', () => {
  it('matmul of two vectors is their product, as in PyTorch', async () => {
    const product = wgrad.matmul(arange(1, 4), arange(4, 7));
    expect(product.shape).toEqual([]);
    expect(await product.item()).toBe(1 * 4 + 2 * 5 + 3 * 6);
    expect(() => wgrad.matmul(arange(3), arange(4))).toThrow(ShapeError);
  });
  it('slice past the end stops there, as in NumPy, and is an error where nothing is left', async () => {
    expect([...(await wgrad.slice(arange(4), [2], [100]).data())]).toEqual([2, 3]);
    expect(() => wgrad.slice(arange(4), [4], [100])).toThrow('slice: 4:100 leaves nothing of axis 0 of input [4]');
  });
});
