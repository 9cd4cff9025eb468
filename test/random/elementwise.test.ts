import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import * as ops from '../../src/ops';
import { sizeOf } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { broadcasts, seeds } from '../support/arbitraries';
import { testDevice } from '../support/device';
import { draw, expectOp, type HostArray } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import {
  broadcastReference,
  PAIR_RULES,
  SINGLE_RULES,
  sumToReference,
  type PairRule,
  type SingleRule,
} from '../support/reference/elementwise';

beforeAll(testDevice);

type PairName = keyof typeof PAIR_RULES;
const PAIRS = Object.keys(PAIR_RULES) as PairName[];
const SINGLES = Object.keys(SINGLE_RULES) as (keyof typeof SINGLE_RULES)[];

async function checkPair(name: PairName, a: HostArray, b: HostArray, out: readonly number[], seed: number) {
  const { f, byA, byB }: PairRule = PAIR_RULES[name];
  const data = broadcastReference(out, [a, b], f);
  const upstream = numbers(data.length, seed + 7);
  const grads = byA &&
    byB && [
      sumToReference(broadcastReference(out, [a, b], byA).map((d, i) => d * upstream[i]), out, a.shape), // prettier-ignore
      sumToReference(broadcastReference(out, [a, b], byB).map((d, i) => d * upstream[i]), out, b.shape), // prettier-ignore
    ];
  const expected = { shape: out, data, ...(grads && { upstream, grads }) };
  // The gradient of an operand adds up as many numbers as it was broadcast to.
  await expectOp(name, ops[name], [a, b], expected, { atol: 1e-6, rtol: 2e-5, gradient: { atol: 1e-4, rtol: 2e-5 } });
}

/** Numbers that broadcasting mixes up visibly: a in (-2, 2), b in (0.5, 1.5). */
const pairOf = ([a, b]: readonly (readonly number[])[], seed: number): [HostArray, HostArray] => {
  const second = draw(b, seed + 1, 0.5);
  return [draw(a, seed, 2), { ...second, data: second.data.map((x) => x + 1) }];
};

describe('pairs', () => {
  holdsFor(
    'div and its gradients under broadcasting',
    fc.record({ operands: broadcasts(2, 4, 9), seed: seeds }),
    80,
    ({ operands: { shapes, out }, seed }) => checkPair('div', ...pairOf(shapes, seed), out, seed),
  );
  holdsFor(
    'every op under broadcasting along two axes',
    fc.record({ name: fc.constantFrom(...PAIRS), operands: broadcasts(2, 2, 30), seed: seeds }),
    100,
    ({ name, operands: { shapes, out }, seed }) => {
      const [a, b] = pairOf(shapes, seed);
      const base = name === 'pow' ? { ...a, data: a.data.map((x) => Math.abs(x) + 0.2) } : a;
      return checkPair(name, base, b, out, seed);
    },
  );
  const small = fc.integer({ min: -3, max: 3 });
  holdsFor(
    'every op on small whole numbers, which tie',
    fc.record({
      name: fc.constantFrom(...PAIRS.filter((name) => name !== 'pow')),
      pairs: fc.array(fc.tuple(small, small), { minLength: 1 }),
    }),
    80,
    ({ name, pairs }) => {
      const shape = [pairs.length];
      const second = pairs.map(([, b]) => (name === 'div' && b === 0 ? 4 : b));
      const [a, b] = [pairs.map(([x]) => x), second].map((list) => ({ shape, data: Float32Array.from(list) }));
      return checkPair(name, a, b, shape, 1);
    },
  );
  holdsFor(
    'pow of any base and whole exponents',
    fc.array(fc.tuple(fc.float({ min: -5, max: 5, noNaN: true }), fc.integer({ min: -4, max: 5 })), { minLength: 1 }),
    40,
    (pairs) => {
      const shape = [pairs.length];
      // Away from 0, where a negative exponent leaves float32's range.
      const a = Float32Array.from(pairs, ([x]) => (Math.abs(x) < 0.1 ? 0.5 : x));
      const b = Float32Array.from(pairs, ([, y]) => y);
      const upstream = numbers(a.length, 3);
      const { f, byA } = PAIR_RULES.pow;
      const grads = [a.map((x, i) => byA(x, b[i]) * upstream[i]), null];
      const expected = { shape, data: a.map((x, i) => f(x, b[i])), upstream, grads };
      return expectOp(
        'pow',
        ops.pow,
        [
          { shape, data: a },
          { shape, data: b },
        ],
        expected,
        { atol: 1e-6, rtol: 3e-5 },
      );
    },
  );
  holdsFor(
    'int32 arithmetic and comparisons under broadcasting',
    fc.record({
      name: fc.constantFrom('add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'eq', 'lt'),
      operands: broadcasts(2, 2, 9),
      seed: seeds,
    }),
    40,
    ({ name, operands: { shapes, out }, seed }) => {
      const [a, b] = shapes.map((shape, i) => ({
        shape,
        data: Int32Array.from(draw(shape, seed + i, 5000).data, (x) => Math.trunc(x) || 3),
      }));
      const { f }: PairRule = PAIR_RULES[name];
      const data = broadcastReference(out, [a, b], (x, y) => Math.trunc(f(x, y)));
      return expectOp(`int32 ${name}`, ops[name], [a, b], { shape: out, data }, { atol: 0, rtol: 0 });
    },
  );
  holdsFor('int32 neg', fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1 }), 20, (values) => {
    const shape = [values.length];
    const x = { shape, data: Int32Array.from(values) };
    return expectOp('int32 neg', ops.neg, [x], { shape, data: values.map((v) => 0 - v) }, { atol: 0, rtol: 0 });
  });
});

describe('single numbers', () => {
  const call: Record<keyof typeof SINGLE_RULES, (x: Tensor, p: number, q: number) => Tensor> = ops;
  const cases = fc.constantFrom(...SINGLES).chain((name) => {
    const { from, to }: SingleRule = SINGLE_RULES[name];
    const value = fc.float({ min: Math.fround(from), max: Math.fround(to), noNaN: true });
    return fc.record({
      name: fc.constant(name),
      values: fc.array(value, { minLength: 1, maxLength: 300 }),
      p: fc.constantFrom(-1.5, 0.25),
      q: fc.constantFrom(0.5, 2),
    });
  });
  holdsFor('every op and its gradient', cases, 150, ({ name, values, p, q }) => {
    const rule: SingleRule = SINGLE_RULES[name];
    const { by } = rule;
    const [low, high] = [Math.fround(p), Math.fround(q)];
    // Adapters may take what is smaller than float32's normal numbers for 0.
    const x = Float32Array.from(values, (v) => (Math.abs(v) < 1.2e-38 ? 0 : v));
    const upstream = numbers(x.length, 5);
    const expected = {
      shape: [x.length],
      data: Array.from(x, (v) => rule.f(v, low, high)),
      ...(by && { upstream, grads: [Array.from(x, (v, i) => by(v, low, high) * upstream[i])] }),
    };
    return expectOp(name, (t) => call[name](t, p, q), [{ shape: [x.length], data: x }], expected, {
      atol: 1e-6,
      rtol: 1e-5,
    });
  });
});

describe('where', () => {
  holdsFor(
    'and its gradients under broadcasting',
    fc.record({ operands: broadcasts(3, 3, 9), seed: seeds }),
    60,
    ({ operands: { shapes, out }, seed }) => {
      const condition = { shape: shapes[0], data: Int32Array.from(draw(shapes[0], seed).data, (x) => Number(x > 0)) };
      const [a, b] = [draw(shapes[1], seed + 1), draw(shapes[2], seed + 2)];
      const upstream = numbers(sizeOf(out), seed + 3);
      const part = (side: 0 | 1) => broadcastReference(out, [condition], (c) => Number(Boolean(c) === (side === 0)));
      const grads = [a, b].map(
        ({ shape }, side) =>
        sumToReference(part(side as 0 | 1).map((d, i) => d * upstream[i]), out, shape), // prettier-ignore
      );
      const data = broadcastReference(out, [condition, a, b], (c, x, y) => (c ? x : y));
      const expected = { shape: out, data, upstream, grads: [null, ...grads] };
      return expectOp('where', ops.where, [condition, a, b], expected, { atol: 0, rtol: 0, gradient: { atol: 1e-4 } });
    },
  );
});
