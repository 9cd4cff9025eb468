import { beforeAll, describe, expect, it } from 'vitest';
import { add, mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { relu } from '../../src/ops/elementwise/unary';
import { full, tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { Version } from '../../src/tensor/memory/version';
import { testDevice } from '../support/device';

beforeAll(testDevice);

/** A leaf whose gradient has its place 256 bytes into an arena of 256 numbers, all 7. */
function placed(data: number[]): { w: Tensor; arena: Tensor } {
  const arena = full([256], 7);
  const w = tensor(data, { requiresGrad: true });
  w.gradSlot = { storage: arena.storage, offset: 256, version: new Version() };
  return { w, arena };
}

async function expectInArena(w: Tensor, arena: Tensor, expected: number[]): Promise<void> {
  expect(w.grad?.storage).toBe(arena.storage);
  expect(w.grad?.offset).toBe(256);
  const whole = [...(await arena.data())];
  expect(whole.slice(64, 64 + expected.length)).toEqual(expected);
  expect(whole.filter((x) => x === 7).length, 'what belongs to others').toBe(256 - expected.length);
}

describe('a gradient with a place of its own', () => {
  it.each<[string, (w: Tensor) => Tensor, number[]]>([
    ['is written there by a rule that asks for the place', (w) => relu(w), [1, 0, 1]],
    ['is copied there from a rule that does not', (w) => add(w, 1), [1, 1, 1]],
    ['is gathered there from two ops', (w) => add(relu(w), relu(mul(w, 2))), [3, 0, 3]],
    ['is gathered there from both operands of an op', (w) => mul(w, w), [2, -4, 6]],
    ['is gathered there when the first op asks and the second does not', (w) => add(relu(w), w), [2, 1, 2]],
  ])('%s', async (_, fn, expected) => {
    const { w, arena } = placed([1, -2, 3]);
    sum(fn(w)).backward();
    await expectInArena(w, arena, expected);
  });
  it('is added to there', async () => {
    const { w, arena } = placed([1, -2, 3]);
    sum(relu(w)).backward();
    sum(relu(w)).backward();
    sum(mul(w, w)).backward();
    await expectInArena(w, arena, [4, -4, 8]);
  });
  it('begins anew there', async () => {
    const { w, arena } = placed([1, -2, 3]);
    sum(mul(w, w)).backward();
    w.grad?.dispose();
    w.grad = null;
    sum(relu(w)).backward();
    await expectInArena(w, arena, [1, 0, 1]);
  });
  it('moves there when it was elsewhere before', async () => {
    const w = tensor([1, -2, 3.5], { requiresGrad: true });
    sum(mul(w, w)).backward();
    const arena = full([256], 7);
    w.gradSlot = { storage: arena.storage, offset: 256, version: new Version() };
    sum(relu(w)).backward();
    await expectInArena(w, arena, [3, -4, 8]);
  });
  it('lies beside another', async () => {
    const { w, arena } = placed([1, -2, 3]);
    const v = tensor([5, 6], { requiresGrad: true });
    v.gradSlot = { storage: arena.storage, offset: 512, version: new Version() };
    sum(add(sum(relu(w)), sum(mul(v, v)))).backward();
    const whole = [...(await arena.data())];
    expect(whole.slice(64, 68)).toEqual([1, 0, 1, 7]);
    expect(whole.slice(128, 131)).toEqual([10, 12, 7]);
  });
});
