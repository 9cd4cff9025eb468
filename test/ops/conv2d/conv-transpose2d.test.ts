import { beforeAll, describe, expect, it } from 'vitest';
import { isSupported, type Variant } from '../../../src/variants/variant';
import type { Device } from '../../../src/runtime/device';
import { conv2dGeometry, type Conv2dGeometry } from '../../../src/ops/conv2d/geometry';
import { forwardVariants, inputGradientVariants, weightGradientVariants } from '../../../src/ops/conv2d/tables';
import { numbers } from '../../support/numbers';
import type { Tensor } from '../../../src/tensor/tensor';
import { conv2d } from '../../../src/ops/conv2d/conv2d';
import { convTranspose2d, type ConvTranspose2dOptions } from '../../../src/ops/conv2d/conv-transpose2d';
import { full, rand, randn, tensor, zeros } from '../../../src/tensor/create/create';
import type { Shape } from '../../../src/tensor/shape';
import { expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';

beforeAll(testDevice);

type Settings = Omit<ConvTranspose2dOptions, 'outputPadding'>;

const CASES: [name: string, input: Shape, weight: Shape, image: Shape, settings: Settings, outputPadding: number][] = [
  ['plain', [2, 3, 4, 5], [3, 2, 3, 3], [2, 2, 6, 7], {}, 0],
  ['stride and output padding', [1, 4, 3, 3], [4, 3, 3, 3], [1, 3, 6, 6], { stride: 2, padding: 1 }, 1],
  ['groups and dilation', [1, 4, 3, 4], [4, 2, 2, 2], [1, 4, 5, 6], { groups: 2, dilation: 2 }, 0],
  // The kernels of networks.
  ['wide', [1, 16, 6, 14], [16, 9, 3, 3], [1, 9, 6, 14], { padding: 1 }, 0],
];

/** Of shape [1, 9, 8, 9] from [1, 10, 3, 4]: the convolution of that image has two more windows below and right. */
const WITHIN_DILATION: Conv2dGeometry = {
  ...conv2dGeometry([1, 9, 8, 9], [10, 9, 2, 2], { dilation: 3 }),
  outHeight: 3,
  outWidth: 4,
};

describe('an output padding within the dilation', () => {
  const [image, weight, source] = [numbers(9 * 72, 1), numbers(10 * 9 * 4, 2), numbers(120, 3)];
  const runs = <V extends Variant<Conv2dGeometry>>(table: readonly V[], { info }: Device): V[] =>
    table.filter((v) => isSupported(v, WITHIN_DILATION, info) && !/tiled (?!32x32)/.test(v.name));

  it('leaves every variant the same windows', async () => {
    const device = await testDevice();
    const [x, w, y] = [tensor(image), tensor(weight), tensor(source)];
    const launches = [
      runs(inputGradientVariants, device).map(
        ({ launch }) =>
          [
            [1, 9, 8, 9],
            (out: Tensor) => {
              launch(WITHIN_DILATION, y, w, out);
            },
          ] as const,
      ),
      runs(forwardVariants, device).map(
        ({ launch }) =>
          [
            [1, 10, 3, 4],
            (out: Tensor) => {
              launch(WITHIN_DILATION, x, w, null, 'none', out);
            },
          ] as const,
      ),
      runs(weightGradientVariants, device).map(
        ({ launch }) =>
          [
            [10, 9, 2, 2],
            (out: Tensor) => {
              launch(WITHIN_DILATION, x, y, out, null);
            },
          ] as const,
      ),
    ];
    for (const group of launches) {
      expect(group.length).toBeGreaterThan(1);
      const results = group.map(([shape, launch]) => {
        const out = full(shape, 9);
        launch(out);
        return out;
      });
      const general = await (results.at(-1) ?? expect.fail('no variant')).data();
      for (const result of results) expectNumbersClose('result', await result.data(), general, { atol: 1e-5 });
    }
  });
});

describe('convTranspose2d', () => {
  it.each(CASES)(
    'is the gradient of conv2d to its input: %s',
    async (_, inShape, weightShape, image, settings, more) => {
      const [x, weight] = [randn(inShape), randn(weightShape)];
      const out = convTranspose2d(x, weight, null, { ...settings, outputPadding: more });
      expect(out.shape).toEqual(image);
      const source = zeros(image, { requiresGrad: true });
      conv2d(source, weight, null, settings).backward({ gradient: x });
      expectNumbersClose('gradient', await out.data(), (await source.grad?.data()) ?? [], { atol: 1e-5 });
    },
  );

  it('adds a bias to each channel', async () => {
    const [x, weight, bias] = [randn([2, 3, 4, 4]), randn([3, 2, 3, 3]), tensor([10, -20])];
    const plain = await convTranspose2d(x, weight).data();
    const plane = 36;
    const expected = plain.map((v, i) => v + (Math.floor(i / plane) % 2 === 0 ? 10 : -20));
    expectNumbersClose('sum', await convTranspose2d(x, weight, bias).data(), expected);
  });

  it.each<[string, Shape, Shape, ConvTranspose2dOptions]>([
    ['expected input [N, C, H, W], got [8, 8]', [8, 8], [4, 1, 3, 3], {}],
    ['expected weight [C, O / groups, KH, KW], got [4, 3, 3]', [1, 4, 8, 8], [4, 3, 3], {}],
    ['input has 3 channels but weight [4, 1, 3, 3] expects 4', [1, 3, 8, 8], [4, 1, 3, 3], {}],
    ['groups must be an integer >= 1, got 0', [1, 4, 8, 8], [4, 1, 3, 3], { groups: 0 }],
    ['groups 3 does not divide the 4 channels of input [1, 4, 8, 8]', [1, 4, 8, 8], [4, 1, 3, 3], { groups: 3 }],
    [
      'expected outputPadding less than stride or dilation, got [2, 2] with stride [2, 2] and dilation [1, 1]',
      [1, 4, 8, 8],
      [4, 1, 3, 3],
      { stride: 2, outputPadding: 2 },
    ],
    ['padding [3, 3] leaves an output of [-2, -2]', [1, 4, 2, 2], [4, 1, 3, 3], { padding: 3 }],
    [
      'expected stride to be an integer >= 1 or a pair [h, w] of them, got 0',
      [1, 4, 8, 8],
      [4, 1, 3, 3],
      { stride: 0 },
    ],
  ])('%s', (message, input, weight, options) => {
    expect(() => convTranspose2d(rand(input), rand(weight), null, options)).toThrow(`convTranspose2d: ${message}`);
  });

  it('says which dtype or bias does not fit', () => {
    const [x, weight] = [rand([1, 2, 4, 4]), rand([2, 3, 3, 3])];
    expect(() => convTranspose2d(x, weight, rand([2]))).toThrow(
      'convTranspose2d: expected bias [3] for weight [2, 3, 3, 3], got [2]',
    );
    const ints = tensor(new Int32Array(3));
    expect(() => convTranspose2d(x, weight, ints as never)).toThrow(
      new TypeError('convTranspose2d: expected bias of float32, got int32'),
    );
    expect(() => convTranspose2d(tensor(new Int32Array(32), { shape: [1, 2, 4, 4] }) as never, weight)).toThrow(
      new TypeError('convTranspose2d: expected input of float32, got int32'),
    );
  });
});
