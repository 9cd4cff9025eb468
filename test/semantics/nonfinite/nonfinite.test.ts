import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as ops from '../../../src/ops';
import { registry } from '../../../src/ops/registry';
import { tensor } from '../../../src/tensor/create/create';
import { sizeOf } from '../../../src/tensor/shape';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { seeds } from '../../support/arbitraries';
import { holdsFor } from '../../support/random';
import { check, run, SPECIAL } from './compare';
import { findOrigins, NONFINITE, type NonfiniteRule, type Values } from './rules';

type Key = keyof typeof registry;
const TABLE = (Object.keys(NONFINITE) as Key[]).flatMap((key) => {
  const rules = NONFINITE[key];
  return 'file' in rules ? [] : [{ key, rules }];
});

beforeAll(async () => {
  await testDevice();
  for (const { rules } of TABLE) for (const rule of rules) await findOrigins(rule);
});

const draw = (count: number, seed: number): number[] => [...numbers(count, seed)].map((v) => Math.fround(v + 0.1));
const finite = ({ shapes, outShape }: NonfiniteRule) => ({
  inputs: shapes.map((shape, i) => draw(sizeOf(shape), 11 + i)),
  upstream: draw(sizeOf(outShape), 5),
});
const withAt = (list: Values, at: number, value: number): number[] => list.map((v, i) => (i === at ? value : v));
/** A few places of a long list, all of a short one. */
const placesIn = (list: Values): number[] => (list.length <= 8 ? list.map((_, i) => i) : [0, 1, list.length - 1]);

it('every op has a rule', () => {
  expect(Object.keys(NONFINITE).sort()).toEqual(Object.keys(registry).sort());
});

describe.each(TABLE)('$key', ({ key, rules }) => {
  it('has the right result and gradients for each special value in each input position', async () => {
    for (const rule of rules) {
      const { inputs, upstream } = finite(rule);
      for (const [i, list] of inputs.entries()) {
        for (const at of placesIn(list)) {
          for (const value of SPECIAL) {
            const special = inputs.map((other, k) => (k === i ? withAt(list, at, value) : other));
            await check(key, rule, special, upstream);
          }
        }
      }
    }
  });

  it('has the right gradients for each special value in the gradient of its result', async () => {
    for (const rule of rules) {
      const { inputs, upstream } = finite(rule);
      for (const at of placesIn(upstream))
        for (const value of SPECIAL) await check(key, rule, inputs, withAt(upstream, at, value));
    }
  });
});

/** Each value of the one list beside each of the other. */
const grid = [NaN, Infinity, -Infinity, -0, 0, 1, -1, 2, 0.5, -2, 3, -3, 2.5, -0.5];

describe.each(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const)(
  '%s of two special values',
  (name) => {
    it('is right for every pair', async () => {
      const rules = NONFINITE[`${name}Op`];
      if ('file' in rules) expect.fail('no rules');
      const [a, b] = [grid.flatMap((v) => grid.map(() => v)), grid.flatMap(() => grid)];
      const shape = [a.length];
      await check(name, { ...rules[0], shapes: [shape, shape], outShape: shape }, [a, b], a.map(() => 1)); // prettier-ignore
    });
  },
);

describe('moved elements', () => {
  const bits = (list: ArrayLike<number>): number[] => [...new Uint32Array(Float32Array.from(list).buffer)];
  const moved = [NaN, Infinity, -Infinity, -0, 0, Math.fround(1e-40)];
  it.each([
    ['permute', () => ops.permute(tensor(moved, { shape: [1, 6] }), [1, 0])],
    ['clone', () => ops.clone(tensor(moved))],
    ['triu', () => ops.triu(tensor(moved, { shape: [1, 6] }))],
    ['concat', () => ops.concat([tensor(moved.slice(0, 2)), tensor(moved.slice(2))])],
    ['slice', () => ops.slice(tensor([5, ...moved, 7]), [1], [7])],
    ['embedding', () => ops.embedding(tensor(Int32Array.of(0, 1, 2, 3, 4, 5)), tensor(moved))],
    ['gather', () => ops.gather(tensor(moved), 0, tensor(Int32Array.of(0, 1, 2, 3, 4, 5)))],
    ['where', () => ops.where(tensor([NaN, 1, Infinity, -0, 0, 1]), tensor(withAt(withAt(moved, 3, 9), 4, 9)), tensor(withAt(withAt(moved, 5, 9), 0, 9)))], // prettier-ignore
  ])('keep their bits: %s', async (_, make) => {
    expect(bits(await make().data())).toEqual(bits(moved));
  });
});

const special = fc.constantFrom(...SPECIAL, 0, 1, -1, 2);
const cases = fc
  .record({ row: fc.constantFrom(...TABLE), pick: fc.nat(7), seed: seeds })
  .map(({ row: { key, rules }, pick, seed }) => ({ key, index: pick % rules.length, seed }))
  .chain((one) =>
    fc.record({
      one: fc.constant(one),
      places: fc.array(fc.tuple(fc.nat(1000), special), { minLength: 1, maxLength: 5 }),
    }),
  );

holdsFor(
  'any op with special values at random places, in the middle of a graph',
  cases,
  200,
  async ({ one, places }) => {
    const rules = NONFINITE[one.key];
    if ('file' in rules) expect.fail(`${one.key} has no rules here`);
    const rule = rules[one.index];
    const flat = rule.shapes.map((shape, i) => draw(sizeOf(shape), one.seed + i));
    for (const [at, value] of places) {
      const list = flat[at % flat.length];
      list[Math.floor(at / flat.length) % list.length] = value;
    }
    const upstream = draw(sizeOf(rule.outShape), one.seed + 9);
    // Twice the negative of a number is the number, with an infinite or NaN one too.
    await check(one.key, rule, flat, upstream, (leaf) => ops.neg(ops.neg(leaf)));
    const { out } = await run(rule, flat, upstream);
    const loss = ops.sum(ops.mul(tensor(Float32Array.from(out)), 1));
    // What is not a number reaches the loss.
    if (out.some(Number.isNaN)) expect(await loss.item(), one.key).toBeNaN();
    loss.dispose();
  },
);
