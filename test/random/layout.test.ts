import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { concat, expand, flatten, embedding, pad, permute, reshape, slice, stack, transpose } from '../../src/ops';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { orderBy, seeds, shapes, shapesWith } from '../support/arbitraries';
import { testDevice } from '../support/device';
import { draw, expectOp, type HostArray } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { indicesOf, placeOf } from '../support/reference/indexing';

beforeAll(testDevice);

/** Where an element of the result comes from: an input and a place in it, or nowhere. */
type Origin = readonly [input: number, place: number] | null;

/** Compares an op that only moves elements, and the way back of their gradients. */
async function expectMoved(
  label: string,
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly HostArray[],
  shape: Shape,
  origin: (index: readonly number[]) => Origin,
  otherwise = 0,
): Promise<void> {
  const upstream = numbers(sizeOf(shape), 77);
  const grads = inputs.map(({ data }) => (data instanceof Float32Array ? new Float64Array(data.length) : null));
  const data = indicesOf(shape).map((index, i) => {
    const from = origin(index);
    if (!from) return otherwise;
    const [input, place] = from;
    const grad = grads[input];
    if (grad) grad[place] += upstream[i];
    return inputs[input].data[place];
  });
  const expected = { shape, data, upstream, grads };
  await expectOp(label, fn, inputs, expected, { atol: 0, rtol: 0, gradient: { atol: 1e-5, rtol: 1e-6 } });
}

describe('axes', () => {
  holdsFor('permute', fc.record({ axes: shapesWith(0, 5, 6), seed: seeds }), 50, ({ axes: { shape, picks }, seed }) => {
    const order = orderBy(picks);
    const out = order.map((axis) => shape[axis]);
    const origin = (index: readonly number[]): Origin => {
      const own = shape.map((_, axis) => index[order.indexOf(axis)]);
      return [0, placeOf(own, shape)];
    };
    return expectMoved(`permute by [${order.join(', ')}]`, (x) => permute(x, order), [draw(shape, seed)], out, origin);
  });
  holdsFor(
    'transpose',
    fc.record({ shape: shapes(1, 4, 7), a: fc.nat(3), b: fc.nat(3), seed: seeds }),
    30,
    ({ shape, a, b, seed }) => {
      const [i, j] = [a % shape.length, b % shape.length];
      const swap = <T>(list: readonly T[]): T[] => list.map((x, k) => (k === i ? list[j] : k === j ? list[i] : x));
      const origin = (index: readonly number[]): Origin => [0, placeOf(swap(index), shape)];
      const fn = (x: Tensor) => transpose(x, i, j - shape.length);
      return expectMoved('transpose', fn, [draw(shape, seed)], swap(shape), origin);
    },
  );
  holdsFor('reshape and flatten', fc.record({ shape: shapes(1, 4, 6), seed: seeds }), 20, ({ shape, seed }) => {
    const out = [...shape].reverse();
    const origin = (index: readonly number[]): Origin => [0, placeOf(index, out)];
    const fn = (x: Tensor) => reshape(flatten(x), [...out.slice(0, -1), -1]);
    return expectMoved('reshape', fn, [draw(shape, seed)], out, origin);
  });
  holdsFor(
    'expand',
    fc.record({ shape: shapes(0, 4, 6), repeat: fc.nat(15), drop: fc.nat(4), seed: seeds }),
    40,
    ({ shape, repeat, drop, seed }) => {
      const own = shape.map((n, axis) => ((repeat >> axis) & 1 ? 1 : n)).slice(Math.min(drop, shape.length));
      const origin = (index: readonly number[]): Origin => [0, placeOf(index, own)];
      return expectMoved('expand', (x) => expand(x, shape), [draw(own, seed)], shape, origin);
    },
  );
});

describe('parts', () => {
  /** Of an axis: its size, and where a slice starts, ends and steps. */
  const cut = fc
    .record({
      n: fc.integer({ min: 1, max: 9 }),
      from: fc.nat(8),
      count: fc.integer({ min: 1, max: 9 }),
      step: fc.integer({ min: 1, max: 3 }),
      negative: fc.boolean(),
    }) // prettier-ignore
    .map(({ n, from, count, step, negative }) => {
      const start = from % n;
      const end = Math.min(start + count, n);
      const size = Math.ceil((end - start) / step);
      // Counted from the end, where that says the same.
      return { n, start, step, size, asked: negative ? [start - n, end === n ? Infinity : end - n] : [start, end] };
    });
  holdsFor('slice', fc.record({ cuts: fc.array(cut, { maxLength: 4 }), seed: seeds }), 60, ({ cuts, seed }) => {
    const shape = cuts.map(({ n }) => n);
    const origin = (index: readonly number[]): Origin => {
      const own = index.map((at, k) => cuts[k].start + at * cuts[k].step);
      return [0, placeOf(own, shape)];
    };
    const [starts, ends] = [0, 1].map((side) => cuts.map(({ asked }) => asked[side]));
    const fn = (x: Tensor) => slice(x, starts, ends, cuts.map(({ step }) => step)); // prettier-ignore
    return expectMoved('slice', fn, [draw(shape, seed)], cuts.map(({ size }) => size), origin); // prettier-ignore
  });
  holdsFor(
    'pad',
    fc.record({
      axes: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(3), fc.nat(3)), { maxLength: 4 }),
      value: fc.constantFrom(0, -2.5),
      seed: seeds,
    }),
    40,
    ({ axes, value, seed }) => {
      const shape = axes.map(([n]) => n);
      const out = axes.map(([n, before, after]) => n + before + after);
      const origin = (index: readonly number[]): Origin => {
        const own = index.map((at, k) => at - axes[k][1]);
        return own.every((at, k) => at >= 0 && at < shape[k]) ? [0, placeOf(own, shape)] : null;
      };
      const padding = axes.map(([, before, after]) => [before, after] as const);
      return expectMoved('pad', (x) => pad(x, padding, value), [draw(shape, seed)], out, origin, value);
    },
  );
  holdsFor(
    'concat',
    fc.record({
      shape: shapes(1, 4, 5),
      axis: fc.nat(3),
      sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      seed: seeds,
    }),
    50,
    ({ shape, axis: pick, sizes, seed }) => {
      const axis = pick % shape.length;
      const withSize = (size: number) => shape.map((n, k) => (k === axis ? size : n));
      const parts = sizes.map((size, i) => draw(withSize(size), seed + i));
      const owners = sizes.flatMap((size, part) => Array.from({ length: size }, (_, at) => ({ part, at })));
      const origin = (index: readonly number[]): Origin => {
        const { part, at } = owners[index[axis]];
        return [part, placeOf(index.map((i, k) => (k === axis ? at : i)), parts[part].shape)]; // prettier-ignore
      };
      return expectMoved('concat', (...list) => concat(list, axis), parts, withSize(owners.length), origin);
    },
  );
  holdsFor(
    'stack',
    fc.record({ shape: shapes(0, 3, 5), axis: fc.nat(3), count: fc.integer({ min: 1, max: 4 }), seed: seeds }),
    40,
    ({ shape, axis: pick, count, seed }) => {
      const axis = pick % (shape.length + 1);
      const parts = Array.from({ length: count }, (_, i) => draw(shape, seed + i));
      const out = [...shape.slice(0, axis), count, ...shape.slice(axis)];
      const origin = (index: readonly number[]): Origin => {
        const own = index.filter((_, k) => k !== axis);
        return [index[axis], placeOf(own, shape)];
      };
      return expectMoved('stack', (...list) => stack(list, axis), parts, out, origin);
    },
  );
  holdsFor(
    'embedding',
    fc.record({
      shape: shapes(1, 3, 6),
      indices: fc.array(fc.nat(7), { minLength: 1, maxLength: 90 }),
      seed: seeds,
    }),
    50,
    ({ shape, indices: picks, seed }) => {
      const indices = picks.map((pick) => pick % shape[0]);
      const rows = { shape: [indices.length], data: Int32Array.from(indices) };
      const origin = ([row, ...rest]: readonly number[]): Origin => [0, placeOf([indices[row], ...rest], shape)];
      const out = [indices.length, ...shape.slice(1)];
      return expectMoved('embedding', (x, indices) => embedding(indices, x), [draw(shape, seed), rows], out, origin);
    },
  );
});
