import { beforeAll, describe, expect, it } from 'vitest';
import * as wgrad from 'wgrad';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const { ones } = wgrad;
const NO_AXIS = /has an axis that is not an integer >= 1/;

type Creator = 'arange' | 'eye' | 'full' | 'ones' | 'rand' | 'randn' | 'tensor' | 'zeros';

/** Each function that makes a tensor, asked for one without elements, and what it answers. */
const CREATORS: Record<Creator, [make: () => unknown, message: RegExp]> = {
  tensor: [() => wgrad.tensor(new Float32Array(0), { shape: [3, 0] }), NO_AXIS],
  zeros: [() => wgrad.zeros([0]), NO_AXIS],
  ones: [() => wgrad.ones([2, 0]), NO_AXIS],
  full: [() => wgrad.full([0, 0], 1), NO_AXIS],
  rand: [() => wgrad.rand([0, 3]), NO_AXIS],
  randn: [() => wgrad.randn([1, 0, 1]), NO_AXIS],
  eye: [() => wgrad.eye(0), NO_AXIS],
  arange: [() => wgrad.arange(0), /arange: no number lies between 0 and 0 in steps of 1/],
};

/** Each way to be left with nothing of a tensor that has elements. */
const WAYS: [string, () => unknown, string][] = [
  ['slice', () => wgrad.slice(ones([2, 3]), [0, 1], [2, 1]), 'slice: 1:1 leaves nothing of axis 1 of input [2, 3]'],
  ['slice backwards', () => wgrad.slice(ones([3]), [2], [1]), 'slice: 2:1 leaves nothing of axis 0 of input [3]'],
  ['slice beyond the end', () => wgrad.slice(ones([3]), [5], [9]), 'slice: 5:9 leaves nothing of axis 0 of input [3]'],
  ['reshape', () => wgrad.reshape(ones([3]), [3, 0]), 'reshape: shape [3, 0] has an axis that is not an integer >= 1'],
  ['expand', () => wgrad.expand(ones([1]), [0]), 'expand: shape [0] has an axis that is not an integer >= 1'],
  ['concat', () => wgrad.concat([]), 'concat: expected at least one tensor, got none'],
  ['stack', () => wgrad.stack([]), 'stack: expected at least one tensor, got none'],
  ['a window larger than the plane', () => wgrad.maxPool2d(ones([1, 1, 2, 2]), 3), 'more than the padded input [2, 2]'],
  [
    'a kernel larger than the plane',
    () => wgrad.conv2d(ones([1, 1, 2, 2]), ones([1, 1, 3, 3])),
    'more than the padded input [2, 2]',
  ],
  ['a layer of no width', () => wgrad.nn.linear(3, 0), 'linear: shape [0, 3] has an axis'],
];

describe('a tensor without elements is refused', () => {
  it.each(Object.entries(CREATORS))('by %s', (_, [make, message]) => {
    expect(make).toThrow(wgrad.ShapeError);
    expect(make).toThrow(message);
  });
  it.each(WAYS)('%s', (_, make, message) => {
    expect(make).toThrow(wgrad.ShapeError);
    expect(make).toThrow(message);
  });
});
