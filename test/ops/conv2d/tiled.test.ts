import { beforeAll, describe, expect, it } from 'vitest';
import type { AdapterKind } from '../../../src/device/gpu';
import { tiledForward, tiledInputGradient } from '../../../src/ops/conv2d/tiled';
import { tiledWeightGradient } from '../../../src/ops/conv2d/tiled-weight';
import { conv2dGeometry, type Conv2dGeometry } from '../../../src/ops/conv2d/geometry';
import { splitDepth, TILES } from '../../../src/ops/matmul/tile-product';
import type { Variant } from '../../../src/variants/variant';
import type { Device } from '../../../src/runtime/device';
import { full, tensor } from '../../../src/tensor/create/create';
import { sizeOf } from '../../../src/tensor/shape';
import { expectClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { conv2dGradients, conv2dReference } from '../../support/reference/conv2d';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/**
 * More rows, columns and depth than any tile has, none a multiple of it, and a sum in several slices, the last one
 * ragged.
 */
const RAGGED = {
  input: [3, 5, 9, 11],
  weight: [67, 5, 3, 3],
  stride: [1, 1],
  dilation: [1, 2],
  pad: [1, 2, 1, 2],
  groups: 1,
} as const;
const OPTIONS = { padding: [1, 2], dilation: [1, 2] } as const;

const x = numbers(sizeOf(RAGGED.input), 1);
const w = numbers(sizeOf(RAGGED.weight), 2);
const bias = numbers(RAGGED.weight[0], 3);
const expected = conv2dReference(RAGGED, x, w, bias);
const dy = numbers(expected.data.length, 4);
const gradients = conv2dGradients(RAGGED, x, w, dy);
const geometry = conv2dGeometry(RAGGED.input, RAGGED.weight, OPTIONS);

// 32x32 is tested with every case that the other kernels are tested with.
const others = <V extends Variant<Conv2dGeometry>>(table: readonly V[]): (readonly [string, V])[] =>
  table.filter(({ name }) => name !== 'tiled 32x32').map((variant) => [variant.name, variant]);

describe('sizes that no tile divides', () => {
  it.each(others(tiledForward))('forward, %s', async (_, { launch }) => {
    const out = full(expected.shape, 9);
    const [input, weight] = [tensor(x, { shape: RAGGED.input }), tensor(w, { shape: RAGGED.weight })];
    launch(geometry, input, weight, tensor(bias), 'relu', out);
    await expectClose('output', out, { ...expected, data: expected.data.map((v) => Math.max(v, 0)) });
  });

  it.each(others(tiledInputGradient))('gradient to the input, %s', async (_, { launch }) => {
    const out = full(RAGGED.input, 9);
    launch(geometry, tensor(dy, { shape: expected.shape }), tensor(w, { shape: RAGGED.weight }), out);
    await expectClose('input', out, { shape: RAGGED.input, data: gradients.input });
  });

  it.each(others(tiledWeightGradient))('gradients to weight and bias, %s', async (_, { launch }) => {
    const [out, outBias] = [full(RAGGED.weight, 9), full([RAGGED.weight[0]], 9)];
    const [input, gradient] = [tensor(x, { shape: RAGGED.input }), tensor(dy, { shape: expected.shape })];
    launch(geometry, input, gradient, out, outBias);
    await expectClose('weight', out, { shape: RAGGED.weight, data: gradients.weight });
    await expectClose('bias', outBias, { shape: outBias.shape, data: gradients.bias });
    const first = await out.data();
    launch(geometry, input, gradient, out, outBias);
    expect(await out.data(), 'the same bits again').toEqual(first);
  });
});

describe('the choice', () => {
  const on = (kind: AdapterKind) => ({ ...device.info, kind });
  const taken = (table: readonly Variant<Conv2dGeometry>[], of: Conv2dGeometry, kind: AdapterKind) =>
    table.find((variant) => variant.preferred(of, on(kind)))?.name;
  const layer = (batch: number, inputs: number, side: number, outputs: number) =>
    conv2dGeometry([batch, inputs, side, side], [outputs, inputs, 3, 3], { padding: 1 });

  it('falls on large tiles where there are many, on small ones where there are few', () => {
    expect(taken(tiledForward, layer(64, 64, 28, 64), 'gpu')).toBe('tiled 64x128');
    expect(taken(tiledForward, layer(64, 32, 28, 32), 'gpu')).toBe('tiled 32x128');
    expect(taken(tiledInputGradient, layer(64, 64, 14, 64), 'gpu')).toBe('tiled 64x64');
    expect(taken(tiledForward, layer(1, 64, 14, 64), 'gpu')).toBe('tiled 32x32');
    expect(taken(tiledWeightGradient, layer(64, 64, 14, 64), 'gpu')).toBe('tiled 64x128');
    expect(taken(tiledWeightGradient, layer(64, 32, 28, 32), 'gpu')).toBe('tiled 32x64');
  });

  it('falls on none of them where there are groups, hardly any work, or no GPU', () => {
    const grouped = conv2dGeometry([8, 64, 28, 28], [64, 2, 3, 3], { groups: 32 });
    for (const table of [tiledForward, tiledInputGradient, tiledWeightGradient]) {
      expect(taken(table, grouped, 'gpu')).toBeUndefined();
      expect(taken(table, layer(64, 64, 28, 64), 'cpu')).toBeUndefined();
    }
    expect(taken(tiledForward, layer(64, 1, 28, 32), 'gpu')).toBeUndefined();
  });

  it('shares a sum out in whole tiles, evenly enough, and not beyond what memory allows', () => {
    const tile = TILES['64x64'];
    expect(splitDepth({ rows: 64, columns: 576, depth: 50176 }, tile)).toEqual({ count: 29, depth: 1744 });
    expect(splitDepth({ rows: 64, columns: 64, depth: 100 }, tile)).toEqual({ count: 1, depth: 112 });
    expect(splitDepth({ rows: 4096, columns: 4096, depth: 50176 }, tile, 4096).count).toBe(1);
  });
});
