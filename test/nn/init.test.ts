import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/nn';
import { ones, zeros } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

beforeAll(testDevice);

// fanIn 30 · 4 = 120, fanOut 50 · 4 = 200.
const SHAPE = [50, 30, 2, 2];
const COUNT = 6000;

type Case = [name: string, fill: (t: Tensor) => Tensor, mean: number, std: number, bounded: boolean];
const CASES: Case[] = [
  ['uniform', (t) => init.uniform(t, -1, 3), 1, 4 / Math.sqrt(12), true],
  ['normal', (t) => init.normal(t, 2, 0.5), 2, 0.5, false],
  ['xavierUniform', (t) => init.xavierUniform(t, 2), 0, 2 * Math.sqrt(2 / 320), true],
  ['xavierNormal', (t) => init.xavierNormal(t), 0, Math.sqrt(2 / 320), false],
  ['kaimingUniform', (t) => init.kaimingUniform(t, { a: Math.sqrt(5) }), 0, Math.sqrt(1 / 360), true],
  ['kaimingUniform fanOut', (t) => init.kaimingUniform(t, { mode: 'fanOut' }), 0, Math.sqrt(2 / 200), true],
  ['kaimingNormal', (t) => init.kaimingNormal(t, { nonlinearity: 'relu' }), 0, Math.sqrt(2 / 120), false],
  ['kaimingNormal tanh', (t) => init.kaimingNormal(t, { nonlinearity: 'tanh' }), 0, 5 / 3 / Math.sqrt(120), false],
];

describe('init', () => {
  it.each(CASES)('%s', async (_, fill, mean, std, bounded) => {
    const made = zeros(SHAPE);
    expect(fill(made)).toBe(made);
    const data = Array.from(await made.data());
    const average = data.reduce((a, b) => a + b, 0) / COUNT;
    const deviation = Math.sqrt(data.reduce((a, b) => a + (b - average) ** 2, 0) / COUNT);
    expect(Math.abs(average - mean)).toBeLessThan((5 * std) / Math.sqrt(COUNT));
    expect(Math.abs(deviation / std - 1)).toBeLessThan(0.05);
    const extent = Math.max(...data.map((v) => Math.abs(v - mean)));
    if (bounded) expect(extent).toBeLessThanOrEqual(std * Math.sqrt(3) * 1.000001);
    else expect(extent).toBeGreaterThan(2.5 * std);
  });
  it('constants', async () => {
    const made = zeros([5]);
    expect([...(await init.constant(made, 2.5).data())]).toEqual(new Array(5).fill(2.5));
    expect([...(await init.zeros(made).data())]).toEqual(new Array(5).fill(0));
    expect([...(await init.ones(made).data())]).toEqual(new Array(5).fill(1));
  });
  it('gains', () => {
    expect(init.gainOf('leakyRelu', 0)).toBeCloseTo(Math.SQRT2);
    expect(init.gainOf('selu')).toBe(0.75);
    expect(init.gainOf('linear')).toBe(1);
  });
  it('errors', () => {
    expect(() => init.kaimingNormal(ones([3]))).toThrow('init: expected a weight [out, in, ...], got [3]');
    expect(() => init.uniform(ones([3], { dtype: 'int32' }) as never)).toThrow(
      'init: expected a tensor of float32, got int32',
    );
  });
});
