import { beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../../src/ops/conv2d/conv2d';
import type { Conv2dOptions } from '../../../src/ops/conv2d/geometry';
import { full, rand } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import { testDevice } from '../../support/device';

beforeAll(testDevice);

describe('errors of conv2d', () => {
  it.each<[string, Shape, Shape, Conv2dOptions]>([
    ['conv2d: input has 3 channels but weight [32, 1, 3, 3] expects 1', [1, 3, 8, 8], [32, 1, 3, 3], {}],
    [
      'conv2d: input has 4 channels but weight [4, 4, 3, 3] expects 8 in 2 groups',
      [1, 4, 8, 8],
      [4, 4, 3, 3],
      { groups: 2 },
    ],
    [
      'conv2d: groups 2 does not divide the 3 channels of input [1, 3, 8, 8]',
      [1, 3, 8, 8],
      [4, 1, 3, 3],
      { groups: 2 },
    ],
    [
      'conv2d: groups 2 does not divide the 5 output channels of weight [5, 2, 3, 3]',
      [1, 4, 8, 8],
      [5, 2, 3, 3],
      { groups: 2 },
    ],
    ['conv2d: groups must be an integer >= 1, got 0', [1, 4, 8, 8], [4, 4, 3, 3], { groups: 0 }],
    ['conv2d: expected input [N, C, H, W], got [8, 8]', [8, 8], [4, 1, 3, 3], {}],
    ['conv2d: expected weight [O, C / groups, KH, KW], got [4, 3, 3]', [1, 1, 8, 8], [4, 3, 3], {}],
    [
      'conv2d: kernel [5, 3] with dilation [1, 1] covers [5, 3], more than the padded input [4, 8]',
      [1, 1, 2, 6],
      [1, 1, 5, 3],
      { padding: 1 },
    ],
    [
      'conv2d: expected padding to be an integer >= 0 or a pair [h, w] of them, got -1',
      [1, 1, 8, 8],
      [1, 1, 3, 3],
      { padding: -1 },
    ],
    [
      'conv2d: expected padding to be an integer >= 0 or a pair [h, w] of them, got [0, -1]',
      [1, 1, 8, 8],
      [1, 1, 3, 3],
      { padding: [0, -1] },
    ],
    [
      'conv2d: expected stride to be an integer >= 1 or a pair [h, w] of them, got 1.5',
      [1, 1, 8, 8],
      [1, 1, 3, 3],
      { stride: 1.5 },
    ],
    [
      'conv2d: expected stride to be an integer >= 1 or a pair [h, w] of them, got 0',
      [1, 1, 8, 8],
      [1, 1, 3, 3],
      { stride: 0 },
    ],
    [
      'conv2d: expected dilation to be an integer >= 1 or a pair [h, w] of them, got 0',
      [1, 1, 8, 8],
      [1, 1, 3, 3],
      { dilation: 0 },
    ],
    ["conv2d: padding 'same' needs stride 1, got [2, 2]", [1, 1, 8, 8], [1, 1, 3, 3], { padding: 'same', stride: 2 }],
    [
      "conv2d: padding must be a number, [h, w], 'same' or 'valid', got 'full'",
      [1, 1, 8, 8],
      [1, 1, 3, 3],
      { padding: 'full' as 'same' },
    ],
  ])('%s', (message, input, weight, options) => {
    expect(() => conv2d(rand(input), rand(weight), null, options)).toThrow(message);
  });

  it('names a bias that does not fit', () => {
    expect(() => conv2d(rand([1, 3, 8, 8]), rand([4, 3, 3, 3]), rand([3]))).toThrow(
      'conv2d: expected bias [4] for weight [4, 3, 3, 3], got [3]',
    );
  });
  it('names an argument of another dtype', () => {
    const labels = full([4, 3, 3, 3], 1, { dtype: 'int32' });
    expect(() => conv2d(rand([1, 3, 8, 8]), labels as never)).toThrow(
      new TypeError('conv2d: expected weight of float32, got int32'),
    );
  });
});
