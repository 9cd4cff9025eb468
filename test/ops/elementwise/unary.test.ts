import { beforeAll, describe, expect, it } from 'vitest';
import { cos, isnan, sign, sin, softplus, square } from '../../../src/ops';
import { tensor } from '../../../src/tensor/create/create';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';

beforeAll(testDevice);

describe('sin and cos', () => {
  // Near multiples of pi / 2, where the reduced argument has few digits left, and at the ends of the range.
  const hard = [16367173 * 2 ** 72, 11, 22, 355, 0.78539816, 0.7853982, 1.5707964, 3.1415927, 3.4e38, 8388608, 1e-30];
  const data = Float32Array.from([...hard, ...hard.map((x) => -x)]);
  // In vectors of four and one by one.
  it.each([20, 22])('of %i numbers are right to three units of the last place', async (length) => {
    const x = tensor(data.subarray(0, length));
    for (const [name, op, exact] of [
      ['sin', sin, Math.sin],
      ['cos', cos, Math.cos],
    ] as const)
      await expectClose(name, op(x), { shape: [length], data: data.subarray(0, length).map(exact) }, { atol: 0, rtol: 3.6e-7 }); // prettier-ignore
  });
});

it('square and sign take integers', async () => {
  for (const [array, squares] of [
    [Int32Array.of(-3, 0, 4, 46341), [9, 0, 16, 46341 ** 2 - 2 ** 32]],
    [Uint32Array.of(3, 0, 65535), [9, 0, 65535 ** 2]],
  ] as const) {
    const out = square(tensor(array));
    expect(out.dtype).toBe(array instanceof Int32Array ? 'int32' : 'uint32');
    expect([...(await out.data())]).toEqual(squares);
  }
  expect([...(await sign(tensor(Int32Array.of(-7, 0, 9))).data())]).toEqual([-1, 0, 1]);
  expect([...(await sign(tensor([0, -0, -2, 3])).data())]).toEqual([0, 0, -1, 1]);
  expect(() => isnan(tensor(Int32Array.of(1)) as never)).toThrow('isnan: expected float32, got int32');
});

it('softplus keeps the digits of small results and refuses a beta that it cannot divide by', async () => {
  const x = Float32Array.of(-60, -30, -10, 0, 10, 20.5);
  await expectClose('softplus', softplus(tensor(x)), { shape: [6], data: x.map((v) => Math.log1p(Math.exp(v))) }, { atol: 0, rtol: 5e-6 }); // prettier-ignore
  for (const beta of [0, NaN, Infinity])
    expect(() => softplus(tensor([1]), beta)).toThrow(`softplus: expected a finite beta other than 0, got ${beta}`);
});
