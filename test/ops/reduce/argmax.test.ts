import { beforeAll, describe, expect, it } from 'vitest';
import { argmax } from '../../../src/ops/reduce/argmax';
import { rand, tensor } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { indicesOf, placeOf } from '../../support/reference/indexing';

beforeAll(testDevice);

function reference(x: ArrayLike<number>, shape: Shape, axis: number): number[] {
  return indicesOf(shape.filter((_, k) => k !== axis)).map((index) => {
    const at = (c: number) => x[placeOf([...index.slice(0, axis), c, ...index.slice(axis)], shape)];
    let best = 0;
    for (let c = 1; c < shape[axis]; c++) if (at(c) > at(best)) best = c;
    return best;
  });
}

describe('argmax', () => {
  const shape = [3, 5, 70];
  // Many equal elements.
  const data = Float32Array.from({ length: 1050 }, (_, i) => ((i * 7919) % 23) - 30);

  it.each([0, 1, 2])('along axis %i', async (axis) => {
    const x = tensor(data, { shape });
    const expected = reference(data, shape, axis);
    const out = argmax(x, axis);
    expect(out.dtype).toBe('int32');
    await expectClose('argmax', out, { shape: shape.filter((_, k) => k !== axis), data: expected });
    const kept = argmax(x, axis - 3, true);
    await expectClose('keepdim', kept, { shape: shape.map((n, k) => (k === axis ? 1 : n)), data: expected });
  });

  it('over a long flattened tensor takes the first of equal maxima', async () => {
    const long = Float32Array.from({ length: 300_001 }, (_, i) => -1 - (i % 1000));
    for (const at of [299_999, 123_457, 200_000]) long[at] = -0.5;
    await expectClose('long', argmax(tensor(long)), { shape: [], data: [123_457] });
    await expectClose('keepdim', argmax(tensor(long, { shape: [1, 300_001] }), undefined, true), {
      shape: [1, 1],
      data: [123_457],
    });
  });

  it('orders integers, signed zeros, infinities and NaN', async () => {
    const of = async (values: Float32Array | Int32Array | Uint32Array) => argmax(tensor(values)).item();
    expect(await of(new Int32Array([-5, -2, -2, -9]))).toBe(1);
    expect(await of(new Uint32Array([7, 0xffffffff, 3]))).toBe(1);
    expect(await of(new Float32Array([-0, 0, -1]))).toBe(0);
    expect(await of(new Float32Array([-Infinity, -1e38]))).toBe(1);
    expect(await of(new Float32Array([1, Infinity, NaN, NaN]))).toBe(2);
    expect(await of(new Float32Array([42]))).toBe(0);
  });

  it('has no gradient and names a missing axis', () => {
    expect(argmax(rand([2, 2], { requiresGrad: true }), 1).requiresGrad).toBe(false);
    expect(() => argmax(rand([2, 2]), 2)).toThrow('argmax: axis 2 is out of range for a tensor of 2 axes');
  });
});
