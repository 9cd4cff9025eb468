import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck, type GradcheckOptions } from '../../src/autograd/gradcheck/gradcheck';
import * as nn from '../../src/nn';
import * as activation from '../../src/nn/layers/activation';
import { defaultDevice } from '../../src/runtime/device';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { apart, awayFromZero, labels, within } from '../support/leaves';
import { seeded } from '../support/seeded';

beforeAll(testDevice);

/** The classes of nn that are layers. */
type LayerName = {
  [K in keyof typeof nn]: (typeof nn)[K] extends new (...args: never[]) => nn.Module ? K : never;
}[keyof typeof nn];

const isLayer = (value: unknown): boolean => typeof value === 'function' && value.prototype instanceof nn.Module;

interface Case {
  readonly layer: () => nn.Module;
  readonly input: () => Tensor;
  /** Default: training. */
  readonly evaluation?: boolean;
  readonly options?: GradcheckOptions;
}

const image = () => within(-1, 1, [2, 3, 6, 7]);
const rows = () => within(-1.5, 1.5, [6, 5]);
const inBothModes = (one: Case): Case[] => [one, { ...one, evaluation: true }];

/** Running statistics as after some training: not those of the batch, nor those of a new layer. */
function trained(layer: nn.Module): nn.Module {
  const { running_mean: mean, running_var: variance } = layer.stateDict();
  mean.write(Float32Array.from({ length: mean.size }, (_, i) => 0.3 * i - 0.2));
  variance.write(Float32Array.from({ length: mean.size }, (_, i) => 0.5 + 0.2 * i));
  return layer;
}

/** The classes of nn/layers/activation.ts: layers without parameters that can do without arguments. */
const activations = Object.fromEntries(
  Object.entries(activation).flatMap(([name, value]) =>
    isLayer(value)
      ? [[name, [{ layer: () => new (value as new () => nn.Module)(), input: () => awayFromZero([5, 7]) }]]]
      : [],
  ),
) as Record<Extract<LayerName, keyof typeof activation>, Case[]>;

/** How each layer is checked; one that is missing here does not compile. */
const LAYERS: Record<LayerName, readonly Case[]> = {
  Conv2d: [
    { layer: () => nn.conv2d(3, 4, 3, { padding: 'same' }), input: image },
    { layer: () => nn.conv2d(3, 6, [2, 3], { stride: 2, dilation: [2, 1], groups: 3, bias: false }), input: image },
  ],
  ConvTranspose2d: [
    { layer: () => nn.convTranspose2d(3, 4, 3, { padding: 1 }), input: image },
    {
      layer: () => nn.convTranspose2d(3, 6, [2, 3], { stride: 2, outputPadding: [1, 0], groups: 3, bias: false }),
      input: () => within(-1, 1, [2, 3, 3, 4]),
    },
  ],
  Linear: [
    { layer: () => nn.linear(5, 4), input: rows },
    { layer: () => nn.linear(7, 3, { bias: false }), input: image },
  ],
  Embedding: [{ layer: () => nn.embedding(4, 3), input: () => labels([2, 3], 4) as never }],
  LayerNorm: [
    { layer: () => nn.layerNorm(5), input: rows },
    { layer: () => nn.layerNorm([6, 7], { bias: false }), input: image },
  ],
  Upsample: [{ layer: () => nn.upsample({ scaleFactor: 2, mode: 'bilinear' }), input: image }],
  BatchNorm1d: [
    ...inBothModes({ layer: () => trained(nn.batchNorm1d(5)), input: rows }),
    { layer: () => nn.batchNorm1d(4, { affine: false }), input: () => within(-1, 1, [3, 4, 5]) },
    { layer: () => nn.batchNorm1d(5, { trackRunningStats: false }), input: rows, evaluation: true },
  ],
  BatchNorm2d: inBothModes({ layer: () => trained(nn.batchNorm2d(3)), input: image }),
  Dropout: inBothModes({ layer: () => nn.sequential(nn.dropout(0.4), nn.linear(5, 3)), input: rows }),
  ...activations,
  MaxPool2d: [
    { layer: () => nn.maxPool2d(2), input: () => apart([2, 2, 5, 6]) },
    { layer: () => nn.maxPool2d(3, { stride: 2, padding: 1 }), input: () => apart([2, 2, 5, 6]) },
  ],
  AvgPool2d: [
    { layer: () => nn.avgPool2d(2), input: image },
    { layer: () => nn.avgPool2d([3, 2], { stride: 1, padding: 1, countIncludePad: false }), input: image },
  ],
  GlobalAvgPool2d: [{ layer: nn.globalAvgPool2d, input: image }],
  Flatten: [{ layer: () => nn.flatten(), input: image }],
  Identity: [{ layer: () => nn.sequential(nn.identity(), nn.linear(5, 2)), input: rows }],
  // Without kinks; networks.test.ts has the others.
  Sequential: inBothModes({
    layer: () => nn.sequential(nn.conv2d(3, 4, 3), nn.batchNorm2d(4), nn.tanh(), nn.dropout(0.3), nn.avgPool2d(2)),
    input: image,
  }),
};

it('every layer of nn is listed', () => {
  const names = Object.entries(nn).filter(([, value]) => isLayer(value)).map(([name]) => name); // prettier-ignore
  expect(Object.keys(LAYERS).sort()).toEqual(names.sort());
});

const CASES = Object.entries(LAYERS).flatMap(([name, cases]) =>
  cases.map((one) => [`${name}, ${one.evaluation ? 'evaluation' : 'training'}`, one] as const),
);

describe('gradients to input and parameters', () => {
  it.each(CASES)('%s', async (name, { layer: make, input, evaluation = false, options }) => {
    const layer = seeded(defaultDevice(), 11, make).train(!evaluation);
    // Dropout drops the same elements each time.
    const fn = (x: Tensor): Tensor => seeded(defaultDevice(), 12, () => layer.forward(x));
    const x = input();
    if (x.requiresGrad) await gradcheck(fn, [x, ...layer.parameters()], { elements: 12, ...options, name });
    else await gradcheck(() => fn(x), layer.parameters(), { elements: 12, ...options, name });
    layer.dispose();
  });
});
