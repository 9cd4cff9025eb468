import { beforeAll, describe, expect, it } from 'vitest';
import { upsample, type UpsampleOptions } from '../../../src/ops/upsample/upsample';
import { rand, tensor } from '../../../src/tensor/create/create';
import { expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';

beforeAll(testDevice);

describe('upsample', () => {
  it('repeats elements, or interpolates between them', async () => {
    const x = tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] });
    expect([...(await upsample(x, { scaleFactor: [1, 2] }).data())]).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    const between = upsample(x, { size: [2, 3], mode: 'bilinear', alignCorners: true });
    expectNumbersClose('corners', await between.data(), [1, 1.5, 2, 3, 3.5, 4]);
    const areas = upsample(x, { size: [2, 4], mode: 'bilinear' });
    expectNumbersClose('areas', await areas.data(), [1, 1.25, 1.75, 2, 3, 3.25, 3.75, 4]);
  });

  // Every size against every other: the gradient must find all elements that it is made of, and no others.
  const MODES: UpsampleOptions[] = [{}, { mode: 'bilinear' }, { mode: 'bilinear', alignCorners: true }];
  it.each(MODES)('has the transposed sum as its gradient: %j', async (mode) => {
    for (const n of [1, 2, 3, 5, 8, 13])
      for (const size of [1, 2, 3, 4, 7, 9, 16, 40]) {
        const options: UpsampleOptions = { ...mode, size: [1, size] };
        // Row i of the identity shows what element i gives to the result.
        const eye = Float32Array.from({ length: n * n }, (_, i) => Number(i % n === Math.floor(i / n)));
        const shares = await upsample(tensor(eye, { shape: [n, 1, 1, n] }), options).data();
        const upstream = numbers(size, 3);
        const x = tensor(numbers(n, 4), { shape: [1, 1, 1, n], requiresGrad: true });
        upsample(x, options).backward({ gradient: tensor(upstream, { shape: [1, 1, 1, size] }) });
        const expected = Array.from({ length: n }, (_, i) =>
          upstream.reduce((sum, g, o) => sum + g * shares[i * size + o], 0),
        );
        expectNumbersClose(`${n} to ${size}`, (await x.grad?.data()) ?? [], expected, { atol: 1e-5 });
      }
  });

  it('says what does not fit', () => {
    const x = rand([1, 2, 3, 4]);
    const wrong = [
      [() => upsample(rand([3, 4]), { size: 2 }), 'expected input [N, C, H, W], got [3, 4]'],
      [() => upsample(x, {}), 'expected size or scaleFactor, got neither'],
      [() => upsample(x, { size: 2, scaleFactor: 2 }), 'expected size or scaleFactor, got both'],
      [() => upsample(x, { size: 0 }), 'expected size to be an integer >= 1 or a pair [h, w] of them, got 0'],
      [() => upsample(x, { scaleFactor: 1.5 }), 'expected scaleFactor to be an integer >= 1 or a pair'],
      [() => upsample(x, { size: 2, alignCorners: true }), "alignCorners needs mode 'bilinear'"],
      [() => upsample(x, { size: 2, mode: 'area' as 'nearest' }), "expected mode 'nearest' or 'bilinear', got 'area'"],
      [
        () => upsample(tensor(new Int32Array(4), { shape: [1, 1, 2, 2] }) as never, { size: 2 }),
        'expected input of float32',
      ],
    ] as const;
    for (const [call, message] of wrong) expect(call).toThrow(`upsample: ${message}`);
  });
});
