import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import * as ops from '../../../src/ops/elementwise/binary';
import { rand, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { add } from '../../../src/ops/elementwise/binary';

beforeAll(testDevice);

const RULES: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  maximum: Math.max,
  minimum: Math.min,
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b),
  gt: (a, b) => Number(a > b),
  ge: (a, b) => Number(a >= b),
};
const FUNCTIONS = ops as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>;

/** Where element `i` of `target` lies in an array of `shape` that is broadcast to it. */
function sourceIndex(i: number, target: Shape, shape: Shape): number {
  let index = 0;
  let step = 1;
  let rest = i;
  for (let axis = target.length - 1; axis >= 0; axis--) {
    const at = rest % target[axis];
    rest = Math.floor(rest / target[axis]);
    const own = axis - target.length + shape.length;
    if (own >= 0) {
      if (shape[own] > 1) index += at * step;
      step *= shape[own];
    }
  }
  return index;
}

const SHAPES: [Shape, Shape, Shape][] = [
  [
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [], [2, 3]],
  // In vectors of four.
  [
    [2, 3, 4],
    [2, 3, 4],
    [2, 3, 4],
  ],
  [
    [1, 1],
    [3, 4],
    [3, 4],
  ],
  [[4, 2], [], [4, 2]],
  [[8], [1, 8], [1, 8]],
  [
    [4, 1, 3],
    [2, 1],
    [4, 2, 3],
  ],
  [[3], [2, 5, 3], [2, 5, 3]],
  [
    [1, 7, 1],
    [5, 1, 6],
    [5, 7, 6],
  ],
  [
    [300, 1],
    [1, 7],
    [300, 7],
  ],
];

describe.each(Object.keys(RULES))('%s', (name) => {
  it.each(SHAPES)('%j and %j', async (aShape, bShape, outShape) => {
    const a = Float32Array.from({ length: sizeOf(aShape) }, (_, i) => ((i * 7) % 5) - (name === 'pow' ? -0.5 : 2));
    const b = Float32Array.from({ length: sizeOf(bShape) }, (_, i) => ((i * 3) % 4) - 1.5);
    const out = FUNCTIONS[name](tensor(a, { shape: aShape }), tensor(b, { shape: bShape }));
    const expected = Array.from({ length: sizeOf(outShape) }, (_, i) =>
      RULES[name](a[sourceIndex(i, outShape, aShape)], b[sourceIndex(i, outShape, bShape)]),
    );
    await expectClose(name, out, { shape: outShape, data: expected });
  });
});

describe.each(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'])('gradient of %s', (name) => {
  it.each(SHAPES.slice(0, 9))('%j and %j', async (aShape, bShape) => {
    const a = add(rand(aShape), 0.5);
    const b = add(rand(bShape), 1.6);
    if (name === 'maximum' || name === 'minimum')
      b.write(Float32Array.from({ length: b.size }, (_, i) => (i % 2 ? 0.3 : 1.7)));
    a.requiresGrad = b.requiresGrad = true;
    await gradcheck(FUNCTIONS[name], [a, b], { name });
  });
});

describe('errors and edges', () => {
  it('names op, shapes and axis of a misfit', () => {
    expect(() => add(rand([2, 3]), rand([4, 3]))).toThrow(
      'add: shapes [2, 3] and [4, 3] do not broadcast: 2 against 4 in axis -2',
    );
  });
  it('refuses operands of different dtypes, of a wrong dtype and without a tensor', () => {
    expect(() => add(rand([2]), tensor([1, 2], { dtype: 'int32' }))).toThrow(
      new TypeError('add: expected operands of one dtype, got float32 and int32'),
    );
    expect(() => ops.pow(tensor([1, 2], { dtype: 'int32' }) as never, 2)).toThrow(
      new TypeError('pow: expected float32, got int32'),
    );
    expect(() => add(1, 2)).toThrow(new TypeError('add: expected a tensor as input 1, got 2'));
  });
  it('raises negative bases to whole powers', async () => {
    const out = ops.pow(tensor([-2, -2, -2, 0, 0]), tensor([3, 2, -1, 0, 2]));
    await expectClose('pow', out, { shape: [5], data: [-8, 4, -0.5, 1, 0] });
  });
  it('shares the gradient of equal operands', async () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const b = tensor([1, 1], { requiresGrad: true });
    ops.maximum(a, b).backward({ gradient: tensor([1, 1]) });
    await expectClose('maximum', a.grad as Tensor, { shape: [2], data: [0.5, 1] });
    await expectClose('maximum', b.grad as Tensor, { shape: [2], data: [0.5, 0] });
  });
});
