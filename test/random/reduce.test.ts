import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import * as ops from '../../src/ops';
import type { Shape } from '../../src/tensor/shape';
import { scales, seeds, shapes, someAxes } from '../support/arbitraries';
import { testDevice } from '../support/device';
import { draw, expectOp, type Expected } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { REDUCTIONS, reducedPlaces, varianceReference } from '../support/reference/reduce';

beforeAll(testDevice);

const EXACT = { atol: 0, rtol: 0 };

const resultShape = (shape: Shape, axes: readonly number[], keepdim: boolean): number[] =>
  shape.map((n, axis) => (axes.includes(axis) ? (keepdim ? 1 : -1) : n)).filter((n) => n > 0);

/** What a reduction of groups of elements gives, value and gradient. */
function expectedOf(
  x: ArrayLike<number>,
  groups: number[][],
  rule: (members: number[]) => { value: number; by: number[] },
): Omit<Expected, 'shape'> {
  const upstream = numbers(groups.length, 99);
  const grad = new Float64Array(x.length);
  const data = groups.map((places, o) => {
    const { value, by } = rule(places.map((at) => x[at]));
    places.forEach((at, k) => (grad[at] = by[k] * upstream[o]));
    return value;
  });
  return { data, upstream, grads: [grad] };
}

// Short axes anywhere, and now and then a long one that is reduced in several passes.
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 5, arbitrary: shapes(0, 5, 6) },
  { weight: 2, arbitrary: shapes(1, 4, 4).map((shape) => [...shape.slice(1), 4 * shape[0]]) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 257, max: 3000 })) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 257, max: 3000 }), fc.integer({ min: 1, max: 3 })) },
);
const cases = fc.record({
  name: fc.constantFrom('sum', 'mean', 'max', 'min'),
  shape: anyShape,
  pick: fc.nat(31),
  keepdim: fc.boolean(),
  scale: scales,
  seed: seeds,
});

describe('reductions', () => {
  holdsFor('over any axes and their gradients', cases, 150, ({ name, shape, pick, keepdim, scale, seed }) => {
    const axes = someAxes(shape.length, pick);
    const x = draw(shape, seed, scale);
    const { f, by } = REDUCTIONS[name];
    const expected = expectedOf(x.data, reducedPlaces(shape, axes), (members) => ({
      value: f(members),
      by: by(members),
    }));
    const tolerance = name === 'max' || name === 'min' ? EXACT : { atol: 2e-5 * scale, rtol: 1e-6 };
    return expectOp(
      `${name} of [${shape.join(', ')}] over [${axes.join(', ')}]`,
      (t) => ops[name](t, axes, keepdim),
      [x],
      { shape: resultShape(shape, axes, keepdim), ...expected },
      { ...tolerance, gradient: { atol: 1e-7, rtol: 1e-6 } },
    );
  });

  holdsFor(
    'max and min of small whole numbers share the gradient',
    fc.record({ name: fc.constantFrom('max', 'min'), shape: shapes(1, 3, 6), pick: fc.nat(7), seed: seeds }),
    40,
    ({ name, shape, pick, seed }) => {
      const axes = someAxes(shape.length, pick);
      const x = { shape, data: draw(shape, seed, 2).data.map(Math.round) };
      const { f, by } = REDUCTIONS[name];
      const expected = expectedOf(x.data, reducedPlaces(shape, axes), (members) => ({
        value: f(members),
        by: by(members),
      }));
      return expectOp(name, (t) => ops[name](t, axes), [x], { shape: resultShape(shape, axes, false), ...expected });
    },
  );

  holdsFor(
    'variance and its gradient',
    fc.record({ shape: shapes(1, 4, 6), pick: fc.nat(15), correction: fc.constantFrom(0, 1), keepdim: fc.boolean(), seed: seeds }), // prettier-ignore
    40,
    ({ shape, pick, correction, keepdim, seed }) => {
      const some = someAxes(shape.length, pick);
      const length = some.reduce((n, axis) => n * shape[axis], 1);
      // One element has no variance.
      const full = length > correction ? shape : shape.map((n) => n + 1);
      const x = draw(full, seed, 3);
      const expected = expectedOf(x.data, reducedPlaces(full, some), (members) =>
        varianceReference(members, correction),
      );
      return expectOp(
        'variance',
        (t) => ops.variance(t, some, { correction, keepdim }),
        [x],
        { shape: resultShape(full, some, keepdim), ...expected },
        { atol: 1e-5, rtol: 1e-5 },
      );
    },
  );
});

describe('argmax', () => {
  holdsFor(
    'finds the first of the largest',
    fc.record({ shape: anyShape, axis: fc.nat(4), values: fc.constantFrom(3, 1000), seed: seeds }),
    60,
    ({ shape, axis: pick, values, seed }) => {
      const axis = pick < shape.length ? pick : undefined;
      const axes = axis === undefined ? shape.map((_, k) => k) : [axis];
      const x = { shape, data: draw(shape, seed, values).data.map(Math.round) };
      const data = reducedPlaces(shape, axes).map((places) => {
        const members = places.map((at) => x.data[at]);
        return members.indexOf(Math.max(...members));
      });
      return expectOp(
        'argmax',
        (t) => ops.argmax(t, axis),
        [x],
        { shape: resultShape(shape, axes, false), data },
        EXACT,
      );
    },
  );
});
