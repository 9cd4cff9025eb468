import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { pad, slice } from '../../../src/ops/layout/slice';
import { rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf } from '../../../src/tensor/shape';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { indicesOf, placeOf } from '../../support/reference/indexing';

beforeAll(testDevice);

const EXACT = { atol: 0, rtol: 0 };

describe('slice', () => {
  const shape = [4, 7, 5];
  const data = numbers(140, 3);
  // starts, ends, steps; what NumPy makes of them: first index and size of each axis.
  const CASES: [number[], number[], number[] | undefined, number[], number[]][] = [
    [[1, 2, 3], [3, 6, 5], undefined, [1, 2, 3], [2, 4, 2]],
    [[-3], [-1], undefined, [1, 0, 0], [2, 7, 5]],
    [
      [0, 1, 1],
      [4, 7, Infinity],
      [2, 3],
      [0, 1, 1],
      [2, 2, 4],
    ],
    [
      [-99, 6],
      [99, 99],
      [3, 1],
      [0, 6, 0],
      [2, 1, 5],
    ],
    [[], [], undefined, [0, 0, 0], [4, 7, 5]],
  ];

  it.each(CASES)('%j to %j by %j', async (starts, ends, steps, first, size) => {
    const out = slice(tensor(data, { shape }), starts, ends, steps);
    const expected = indicesOf(size).map(
      (index) =>
        data[
          placeOf(
            index.map((at, k) => first[k] + at * (steps?.[k] ?? 1)),
            shape,
          )
        ],
    );
    await expectClose('slice', out, { shape: size, data: expected }, EXACT);
  });

  it('has the gradient, 0 outside', async () => {
    const x = rand([4, 5], { requiresGrad: true });
    await gradcheck((t) => slice(t, [1, 0], [4, 5], [2, 3]), [x], { name: 'slice' });
  });

  it('keeps the type', async () => {
    const out = slice(tensor(new Int32Array([1, -2, 3])), [1], [3]);
    expect(out.dtype).toBe('int32');
    await expectClose('int32', out, { shape: [2], data: [-2, 3] });
  });

  it('says what does not fit', () => {
    const x = rand([2, 3]);
    expect(() => slice(x, [0, 2], [2, 1])).toThrow('slice: 2:1 leaves nothing of axis 1 of input [2, 3]');
    expect(() => slice(x, [0], [2, 3])).toThrow('at most 2 of each for input [2, 3]; got 1, 2 and 0');
    expect(() => slice(x, [0, 0, 0], [1, 1, 1])).toThrow('got 3, 3 and 0');
    expect(() => slice(x, [0], [2], [-1])).toThrow('got 0:2:-1 for axis 0 of input [2, 3]');
    expect(() => slice(x, [0.5], [2])).toThrow('slice: expected integer bounds and a step >= 1, got 0.5:2:1');
  });
});

describe('pad', () => {
  const CASES: [number[], [number, number][]][] = [
    [
      [3, 4],
      [
        [1, 2],
        [0, 3],
      ],
    ],
    [
      [2, 1, 3, 5],
      [
        [0, 0],
        [1, 0],
        [2, 1],
        [3, 3],
      ],
    ],
    [[], []],
    [[5], [[0, 0]]],
  ];

  it.each(CASES)('%j by %j', async (shape, padding) => {
    const data = numbers(sizeOf(shape), 4);
    const size = shape.map((n, k) => n + padding[k][0] + padding[k][1]);
    const expected = indicesOf(size).map((index) => {
      const own = index.map((at, k) => at - padding[k][0]);
      return own.every((at, k) => at >= 0 && at < shape[k]) ? data[placeOf(own, shape)] : -2.5;
    });
    await expectClose('pad', pad(tensor(data, { shape }), padding, -2.5), { shape: size, data: expected }, EXACT);
  });

  it('pads integers and with infinities', async () => {
    const ints = pad(tensor(new Int32Array([4, 5])), [[1, 1]], -7);
    await expectClose('int32', ints, { shape: [4], data: [-7, 4, 5, -7] });
    await expectClose('infinity', pad(tensor([1]), [[1, 0]], -Infinity), { shape: [2], data: [-Infinity, 1] });
  });

  it('has the gradient', async () => {
    const x = rand([3, 4], { requiresGrad: true });
    await gradcheck(
      (t) =>
        pad(
          t,
          [
            [1, 0],
            [2, 1],
          ],
          3,
        ),
      [x],
      { name: 'pad' },
    );
  });

  it('says what does not fit', () => {
    expect(() => pad(rand([2, 3]), [[1, 1]])).toThrow(
      'pad: expected [before, after] with integers >= 0 for each axis of input [2, 3], got [[1, 1]]',
    );
    expect(() => pad(rand([2]), [[-1, 0]])).toThrow('got [[-1, 0]]');
  });
});
