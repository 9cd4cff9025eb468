import { beforeAll, describe, expect, it } from 'vitest';
import type { Module } from '../../src/nn';
import * as nn from '../../src/nn';
import * as activation from '../../src/nn/layers/activation';
import { batchNorm } from '../../src/ops/batchnorm/batchnorm';
import { convTranspose2d } from '../../src/ops/conv2d/conv-transpose2d';
import { conv2d } from '../../src/ops/conv2d/conv2d';
import { flatten } from '../../src/ops/layout/layout';
import { layerNorm } from '../../src/ops/layernorm/layernorm';
import { linear } from '../../src/ops/matmul/linear';
import { avgPool2d, globalAvgPool2d } from '../../src/ops/pool2d/avg-pool2d';
import { maxPool2d } from '../../src/ops/pool2d/max-pool2d';
import { softmax } from '../../src/ops/softmax/softmax';
import * as unary from '../../src/ops/elementwise/unary';
import { upsample } from '../../src/ops/upsample/upsample';
import { ones, rand, randn, tensor, zeros } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { expectClose, expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const IMAGE = [2, 4, 6, 5];
type Case = [name: string, layer: () => Module, op: (x: Tensor, layer: Module) => Tensor];
const weightAndBias = (layer: Module) => layer.parameters() as [Tensor, Tensor];

/** The activations that are named as their op and have no settings. */
const ACTIVATIONS = Object.entries(activation).flatMap(([name, make]): Case[] =>
  name in unary && name !== 'leakyRelu' && name !== 'softplus'
    ? [[name, make as () => Module, unary[name as keyof typeof unary] as (x: Tensor) => Tensor]]
    : [],
);

const CASES: Case[] = [
  ['conv2d', () => nn.conv2d(4, 3, 3), (x, l) => conv2d(x, ...weightAndBias(l))],
  [
    'conv2d with settings',
    () => nn.conv2d(4, 6, [3, 2], { stride: 2, padding: [1, 0], dilation: 2, groups: 2, bias: false }),
    (x, l) => conv2d(x, l.parameters()[0], null, { stride: 2, padding: [1, 0], dilation: 2, groups: 2 }),
  ],
  ['convTranspose2d', () => nn.convTranspose2d(4, 3, 3), (x, l) => convTranspose2d(x, ...weightAndBias(l))],
  [
    'convTranspose2d with settings',
    () => nn.convTranspose2d(4, 6, [3, 2], { stride: 2, padding: [1, 0], outputPadding: 1, groups: 2, bias: false }),
    (x, l) => {
      const settings = { stride: 2, padding: [1, 0], outputPadding: 1, groups: 2 } as const;
      return convTranspose2d(x, l.parameters()[0], null, settings);
    },
  ],
  ['linear', () => nn.linear(5, 3), (x, l) => linear(x, ...weightAndBias(l))],
  ['linear without bias', () => nn.linear(5, 3, { bias: false }), (x, l) => linear(x, l.parameters()[0], null)],
  ['maxPool2d', () => nn.maxPool2d(2), (x) => maxPool2d(x, 2)],
  [
    'maxPool2d with settings',
    () => nn.maxPool2d([3, 2], { stride: 1, padding: 1, dilation: [1, 2] }),
    (x) => maxPool2d(x, [3, 2], { stride: 1, padding: 1, dilation: [1, 2] }),
  ],
  ['avgPool2d', () => nn.avgPool2d([3, 5]), (x) => avgPool2d(x, [3, 5])],
  [
    'avgPool2d with settings',
    () => nn.avgPool2d(2, { stride: [2, 1], padding: 1, countIncludePad: false }),
    (x) => avgPool2d(x, 2, { stride: [2, 1], padding: 1, countIncludePad: false }),
  ],
  ['globalAvgPool2d', () => nn.globalAvgPool2d(), (x) => globalAvgPool2d(x)],
  ['layerNorm', () => nn.layerNorm(5), (x, l) => layerNorm(x, 5, { weight: l.parameters()[0] })],
  [
    'layerNorm with settings',
    () => nn.layerNorm([6, 5], { eps: 0.1, elementwiseAffine: false }),
    (x) => layerNorm(x, [6, 5], { eps: 0.1 }),
  ],
  ['upsample', () => nn.upsample({ scaleFactor: 2 }), (x) => upsample(x, { scaleFactor: 2 })],
  [
    'upsample with settings',
    () => nn.upsample({ size: [3, 9], mode: 'bilinear', alignCorners: true }),
    (x) => upsample(x, { size: [3, 9], mode: 'bilinear', alignCorners: true }),
  ],
  ['flatten', () => nn.flatten(), (x) => flatten(x, 1)],
  ['flatten with settings', () => nn.flatten(0, 2), (x) => flatten(x, 0, 2)],
  ...ACTIVATIONS,
  ['leakyRelu', () => nn.leakyRelu(0.2), (x) => unary.leakyRelu(x, 0.2)],
  ['softplus', () => nn.softplus(2, 1), (x) => unary.softplus(x, 2, 1)],
  ['softmax', () => nn.softmax(1), (x) => softmax(x, 1)],
  ['identity', () => nn.identity(), (x) => x],
];

describe('layers', () => {
  it.each(CASES)('%s is its op', async (_, make, op) => {
    const layer = make();
    const x = randn(IMAGE);
    const y = layer.forward(x);
    const expected = op(x, layer);
    await expectClose('y', y, { shape: expected.shape, data: await expected.data() });
  });
  it('draws weights and biases as PyTorch does: uniform in ±1/sqrt(fanIn)', async () => {
    for (const layer of [nn.linear(100, 300), nn.conv2d(4, 300, 5), nn.convTranspose2d(75, 300, 5, { groups: 75 })]) {
      for (const parameter of [layer.weight, layer.bias as Tensor]) {
        const data = await parameter.data();
        const extent = Math.max(...data.map(Math.abs));
        expect(extent).toBeLessThanOrEqual(0.1);
        expect(extent).toBeGreaterThan(0.098);
      }
    }
  });
  it('looks rows up in a table that begins normal', async () => {
    const layer = nn.embedding(200, 50);
    expect(String(layer)).toBe('Embedding(200, 50)');
    expect(Object.keys(layer.stateDict())).toEqual(['weight']);
    const table = Float32Array.from(await layer.weight.data());
    const y = layer.forward(tensor(Int32Array.of(3, 199), { shape: [2, 1] }));
    const expected = [...table.subarray(150, 200), ...table.subarray(9950)];
    await expectClose('y', y, { shape: [2, 1, 50], data: expected }, { atol: 0, rtol: 0 });
    const mean = table.reduce((a, b) => a + b, 0) / table.length;
    const square = table.reduce((a, b) => a + b * b, 0) / table.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(square - 1)).toBeLessThan(0.07);
  });
  it('describes itself as in PyTorch', () => {
    expect(String(nn.upsample({ scaleFactor: 2 }))).toBe("Upsample(scale_factor=2, mode='nearest')");
    expect(String(nn.upsample({ size: [3, 4], mode: 'bilinear' }))).toBe("Upsample(size=(3, 4), mode='bilinear')");
    expect(String(nn.layerNorm([2, 3]))).toBe('LayerNorm((2, 3), eps=0.00001, elementwise_affine=True)');
    const layer = nn.convTranspose2d(4, 6, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, bias: false });
    expect(String(layer)).toBe(
      'ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1), groups=2, bias=False)',
    );
  });
  it('gives the errors of the op, and those of settings at once', () => {
    expect(() => nn.conv2d(4, 3, 3).forward(rand([1, 1, 5, 5]))).toThrow(
      'conv2d: input has 1 channels but weight [3, 4, 3, 3] expects 4',
    );
    expect(() => nn.conv2d(4, 3, 3, { groups: 2 })).toThrow('conv2d: groups 2 does not divide 4 and 3 channels');
    expect(() => nn.conv2d(4, 3, 0)).toThrow('conv2d: expected kernelSize to be an integer >= 1');
    expect(() => nn.convTranspose2d(4, 3, 3, { groups: 2 })).toThrow(
      'convTranspose2d: groups 2 does not divide 4 and 3 channels',
    );
    expect(() => nn.dropout(2)).toThrow('dropout: expected a probability p in [0, 1], got 2');
    expect(() => nn.linear(0, 3)).toThrow('linear: shape [3, 0]');
  });
});

describe('dropout', () => {
  it('drops in training only', async () => {
    const layer = nn.dropout(0.5);
    const x = ones([200]);
    expect(new Set(await layer.forward(x).data())).toEqual(new Set([0, 2]));
    expect(layer.eval().forward(x)).toBe(x);
  });
});

describe('batchNorm', () => {
  it('goes by the batch in training and by the running statistics in evaluation', async () => {
    const layer = nn.batchNorm2d(4, { momentum: 0.5, eps: 1e-3 });
    const [mean, variance] = [zeros([4]), ones([4])];
    const options = { runningMean: mean, runningVar: variance, momentum: 0.5, eps: 1e-3 };
    for (const training of [true, true, false]) {
      const x = randn(IMAGE);
      const y = layer.train(training).forward(x);
      const expected = batchNorm(x, { ...options, training });
      await expectClose('y', y, { shape: IMAGE, data: await expected.data() });
    }
    const state = layer.stateDict();
    expectNumbersClose('mean', await state.running_mean.data(), await mean.data());
    expectNumbersClose('variance', await state.running_var.data(), await variance.data());
    expect(await state.num_batches_tracked.data()).toEqual(new Int32Array([2]));
  });
  it('without running statistics goes by the batch always', async () => {
    const layer = nn.batchNorm1d(3, { trackRunningStats: false, affine: false });
    expect(layer.stateDict()).toEqual({});
    const x = randn([7, 3]);
    expect(await layer.eval().forward(x).data()).toEqual(await layer.train().forward(x).data());
  });
  it('expects its number of axes', () => {
    expect(() => nn.batchNorm2d(3).forward(rand([2, 3]))).toThrow(
      'BatchNorm2d: expected input [N, C, H, W], got [2, 3]',
    );
    expect(() => nn.batchNorm1d(3).forward(rand([2, 3, 1, 1]))).toThrow(
      'BatchNorm1d: expected input [N, C] or [N, C, L], got [2, 3, 1, 1]',
    );
    expect(() => nn.batchNorm1d(3).forward(rand([2, 4]))).toThrow(
      'batchNorm: expected weight [4] for input [2, 4], got [3]',
    );
  });
});
