import { beforeAll, describe, expect, it } from 'vitest';
import { cumsum } from '../../../src/ops';
import { tensor } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';

beforeAll(testDevice);

/** Running sums along the middle axis of [outer, length, inner], from the end where `reverse`. */
function reference(x: ArrayLike<number>, [outer, length, inner]: Shape, reverse: boolean): Float64Array {
  const out = new Float64Array(outer * length * inner);
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < inner; c++) {
      let total = 0;
      for (let k = 0; k < length; k++) {
        const at = (o * length + (reverse ? length - 1 - k : k)) * inner + c;
        out[at] = total += x[at];
      }
    }
  return out;
}

describe('cumsum', () => {
  // One block, its end, two passes, and three.
  it.each([[3, 5, 2], [2, 64, 1], [2, 65, 3], [1, 4096, 2], [2, 5000, 3]])('of [%i, %i, %i], and its gradient', async (...shape) => {
    const data = numbers(shape[0] * shape[1] * shape[2], 3);
    const x = tensor(data, { shape, requiresGrad: true });
    const upstream = numbers(data.length, 4);
    const y = cumsum(x, 1);
    y.backward({ gradient: tensor(upstream, { shape }) });
    await expectClose('cumsum', y, { shape, data: reference(data, shape, false) }, { atol: 2e-4, rtol: 1e-5 });
    if (!x.grad) expect.fail('no gradient');
    await expectClose('gradient', x.grad, { shape, data: reference(upstream, shape, true) }, { atol: 2e-4, rtol: 1e-5 });
  }); // prettier-ignore

  it('of integers is exact, modulo 2^32', async () => {
    const data = Int32Array.from({ length: 300 }, (_, i) => (i % 2 ? 1_000_000_007 : -5 * i));
    const y = cumsum(tensor(data), -1);
    expect(y.dtype).toBe('int32');
    let total = 0;
    expect([...(await y.data())]).toEqual(Array.from(data, (v) => (total = (total + v) | 0)));
  });

  it('gives the same bits each time, and names a missing axis', async () => {
    const x = tensor(numbers(20_000, 1));
    const first = await cumsum(x, 0).data();
    expect(await cumsum(x, 0).data()).toEqual(first);
    expect(() => cumsum(x, 1)).toThrow('cumsum: axis 1 is out of range for a tensor of 1 axes');
  });
});
