import type { GradcheckOptions } from '../../src/autograd/gradcheck/gradcheck';
import { notDifferentiable } from '../../src/autograd/op';
import * as ops from '../../src/ops';
import type { registry } from '../../src/ops/registry';
import type { Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { apart, awayFromZero, labels, within } from '../support/leaves';
import { SINGLE_RULES, type SingleName, type SingleRule } from '../support/reference/elementwise';
import { seeded } from '../support/seeded';

type Leaf = () => Tensor;

/** A function with leaves at which it is smooth. */
export interface Check {
  readonly fn: (...leaves: Tensor[]) => Tensor;
  readonly leaves: readonly Leaf[];
  readonly options?: GradcheckOptions;
}

const check = (fn: Check['fn'], leaves: readonly Leaf[], options?: GradcheckOptions): Check => ({
  fn,
  leaves,
  options,
});

const later =
  <A extends unknown[]>(make: (...args: A) => Tensor) =>
  (...args: A): Leaf =>
  () =>
    make(...args);
const range = later(within);
const unit = later((shape: Shape, seed?: number) => within(-1, 1, shape, seed));
const steps = later(apart);
const nonzero = later(awayFromZero);

/** Of equal shape, and with axes of both broadcast. */
const PAIRS: [Shape, Shape][] = [
  [
    [3, 4],
    [3, 4],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
];

type PairOp = (a: Tensor, b: Tensor) => Tensor;
const pairs = (fn: PairOp, low = -1.5, high = 1.5): Check[] =>
  PAIRS.map(([a, b]) => check(fn, [range(low, high, a), range(0.5, 1.5, b, 2)]));

/** Operands that nowhere come near each other. */
const extremes = (fn: PairOp): Check[] => PAIRS.map(([a, b]) => check(fn, [nonzero(a), range(-0.1, 0.1, b, 2)]));

/** Of each op on single elements, where its derivative is continuous. */
const singles = Object.fromEntries(
  Object.entries(SINGLE_RULES).map(([name, { by, smooth }]: [string, SingleRule]) => {
    if (!by) return [`${name}Op`, notDifferentiable];
    const op: (x: Tensor, p: number, q: number) => Tensor = ops[name as SingleName];
    const leaf = smooth === 'off zero' ? nonzero([3, 7]) : range(...smooth, [3, 7]);
    return [`${name}Op`, [check((x) => op(x, -0.3, 0.4), [leaf])]];
  }),
) as Record<`${SingleName}Op`, Check[] | typeof notDifferentiable>;

const reductions = (fn: typeof ops.sum): Check[] => [
  check((x) => fn(x, [0, 2]), [steps([3, 4, 2])]),
  check((x) => fn(x, 1, true), [steps([3, 5])]),
  // Reduced in two passes.
  check((x) => fn(x), [steps([600])], { elements: 12 }),
];

const matrix = (a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Check =>
  check((x, y) => ops.matmul(x, y, { transposeA, transposeB }), [unit(a), unit(b, 2)]);

/** Batch normalisation, in one go with a ReLU in front and a dropout behind where they are asked for. */
const normalised = (shape: Shape, training: boolean, folded: { relu?: boolean; dropout?: number } = {}): Check => {
  const channels = [shape[1]];
  const fn = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => {
    const statistics = { runningMean: within(-1, 1, channels, 4), runningVar: within(0.5, 2, channels, 5) };
    return seeded(x.device, 5, () => ops.batchNorm(x, { weight, bias, training, ...statistics, ...folded }));
  };
  return check(fn, [nonzero(shape), range(0.5, 1.5, channels, 2), unit(channels, 3)], { elements: 12 });
};

const REDUCED = ['mean', 'sum', 'none'] as const;

/** How the gradient of each op is checked; an op that is missing here does not compile. */
export const CHECKS: Record<keyof typeof registry, readonly Check[] | typeof notDifferentiable> = {
  addOp: pairs(ops.add),
  subOp: pairs(ops.sub),
  mulOp: pairs(ops.mul),
  divOp: pairs(ops.div),
  powOp: pairs(ops.pow, 0.5, 2),
  maximumOp: extremes(ops.maximum),
  minimumOp: extremes(ops.minimum),
  eqOp: notDifferentiable,
  neOp: notDifferentiable,
  ltOp: notDifferentiable,
  leOp: notDifferentiable,
  gtOp: notDifferentiable,
  geOp: notDifferentiable,
  ...singles,
  whereOp: [check((a, b) => ops.where(labels([2, 3], 2), a, b), [unit([4, 1, 3]), unit([2, 1], 2)])],
  sumOp: reductions(ops.sum),
  meanOp: reductions(ops.mean as typeof ops.sum),
  maxOp: reductions(ops.max),
  minOp: reductions(ops.min),
  argmaxOp: notDifferentiable,
  argminOp: notDifferentiable,
  castOp: notDifferentiable,
  multinomialOp: notDifferentiable,
  cumsumOp: [
    check((x) => ops.cumsum(x, 0), [unit([5])]),
    check((x) => ops.cumsum(x, 1), [unit([2, 4, 3])]),
    // In two passes.
    check((x) => ops.cumsum(x, -1), [unit([2, 150])], { elements: 12 }),
  ],
  reshapeOp: [check((x) => ops.reshape(x, [3, -1]), [unit([2, 6])])],
  cloneOp: [check((x) => ops.clone(x), [unit([2, 3])])],
  trilOp: [check((x) => ops.tril(x, -1), [unit([2, 4, 3])])],
  triuOp: [check((x) => ops.triu(x, 1), [unit([2, 3, 5])])],
  permuteOp: [check((x) => ops.permute(x, [2, 0, 1]), [unit([2, 3, 4])])],
  expandOp: [check((x) => ops.expand(x, [2, 2, 4, 3]), [unit([2, 1, 3])])],
  sliceOp: [check((x) => ops.slice(x, [1, 0], [5, 3], [2, 1]), [unit([5, 4])])],
  padOp: [check((x) => ops.pad(x, [[1, 0], [0, 2]], 3), [unit([2, 3])])], // prettier-ignore
  concatOp: [check((a, b) => ops.concat([a, b, a], 1), [unit([2, 3]), unit([2, 2], 2)])],
  stackOp: [check((a, b) => ops.stack([a, b, a], 1), [unit([2, 3]), unit([2, 3], 2)])],
  embeddingOp: [check((x) => ops.embedding(labels([7], 4), x), [unit([4, 3])])],
  gatherOp: [0, 1, 2].map((axis) => check((x) => ops.gather(x, axis, labels([2, 4, 3], 3)), [unit([3, 4, 3])])),
  matmulOp: [
    matrix([3, 4], [4, 5], false, false),
    matrix([4, 3], [5, 4], true, true),
    matrix([2, 1, 3, 4], [3, 5, 4], false, true),
    matrix([4, 3], [2, 4, 5], true, false),
    // Large enough for the tiled kernels.
    matrix([20, 9], [9, 20], false, false),
  ],
  linearOp: [
    check((x, w, b) => ops.linear(x, w, b), [unit([2, 3, 5]), unit([4, 5], 2), unit([4], 3)]),
    check((x, w) => ops.linear(x, w), [unit([3, 5]), unit([4, 5], 2)]),
    // Products of two numbers that are not near 0 are not near ReLU's kink.
    check((x, w) => ops.linear(x, w, null, { activation: 'relu' }), [nonzero([5, 1]), nonzero([12, 1], 2)]),
  ],
  conv2dOp: [
    check(
      (x, w, b) => ops.conv2d(x, w, b, { padding: 'same' }),
      [unit([2, 2, 5, 6]), unit([3, 2, 3, 3], 2), unit([3], 3)],
    ),
    check(
      (x, w) => ops.conv2d(x, w, null, { stride: [2, 1], dilation: [1, 2], padding: [1, 2], groups: 2 }),
      [unit([2, 4, 7, 6]), unit([4, 2, 2, 3], 2)],
    ),
    check((x, w) => ops.conv2d(x, w, null, { activation: 'relu' }), [nonzero([2, 1, 3, 9]), nonzero([9, 1, 1, 1], 2)]),
    // Wide enough for the kernels of networks.
    check((x, w, b) => ops.conv2d(x, w, b, { padding: 1 }), [unit([2, 9, 5, 9]), unit([9, 9, 3, 3], 2), unit([9], 3)], {
      elements: 12,
    }),
  ],
  convTranspose2dOp: [
    check(
      (x, w, b) => ops.convTranspose2d(x, w, b, { padding: 1 }),
      [unit([2, 2, 4, 3]), unit([2, 3, 3, 3], 2), unit([3], 3)],
    ),
    check(
      (x, w) => {
        const settings = {
          stride: [2, 1],
          dilation: [1, 2],
          padding: [1, 2],
          outputPadding: [1, 0],
          groups: 2,
        } as const;
        return ops.convTranspose2d(x, w, null, settings);
      },
      [unit([2, 4, 3, 4]), unit([4, 2, 2, 3], 2)],
    ),
    // Wide enough for the kernels of networks.
    check((x, w) => ops.convTranspose2d(x, w, null, { padding: 1 }), [unit([2, 9, 5, 9]), unit([9, 9, 3, 3], 2)], {
      elements: 12,
    }),
  ],
  maxPool2dOp: [
    check((x) => ops.maxPool2d(x, 2), [steps([2, 2, 5, 6])]),
    check((x) => ops.maxPool2d(x, 3, { stride: [1, 2], padding: 1, dilation: [1, 2] }), [steps([1, 2, 5, 6])]),
    check((x) => seeded(x.device, 5, () => ops.maxPool2d(x, 2, { dropout: 0.3 })), [steps([2, 2, 4, 6])]),
  ],
  avgPool2dOp: [
    check((x) => ops.avgPool2d(x, 2), [unit([2, 2, 5, 6])]),
    check((x) => ops.avgPool2d(x, 3, { stride: [1, 2], padding: 1, countIncludePad: false }), [unit([2, 1, 5, 6])]),
  ],
  batchNormOp: [true, false].flatMap((training) => [
    normalised([6, 3], training),
    normalised([3, 2, 5], training),
    normalised([2, 3, 3, 4], training),
    normalised([6, 4], training, { relu: true, dropout: 0.3 }),
    normalised([2, 3, 3, 4], training, { relu: true, dropout: 0.3 }),
    normalised([5, 8], training, { dropout: 0.3 }),
    normalised([2, 3, 3, 4], training, { relu: true }),
  ]),
  layerNormOp: [
    check((x, weight, bias) => ops.layerNorm(x, 5, { weight, bias }), [unit([3, 2, 5]), unit([5], 2), unit([5], 3)]),
    check((x, weight) => ops.layerNorm(x, [2, 3], { weight, eps: 0.1 }), [unit([4, 2, 3]), unit([2, 3], 2)]),
    check((x, bias) => ops.layerNorm(x, 4, { bias }), [unit([3, 4]), unit([4], 2)]),
  ],
  upsampleOp: [
    check((x) => ops.upsample(x, { scaleFactor: 2 }), [unit([2, 1, 3, 2])]),
    check((x) => ops.upsample(x, { size: [5, 2] }), [unit([1, 2, 3, 4])]),
    check((x) => ops.upsample(x, { scaleFactor: 2, mode: 'bilinear' }), [unit([2, 1, 3, 2])]),
    check((x) => ops.upsample(x, { size: [5, 2], mode: 'bilinear', alignCorners: true }), [unit([1, 2, 3, 4])]),
  ],
  dropoutOp: [check((x) => seeded(x.device, 5, () => ops.dropout(x, 0.4)), [unit([5, 7])])],
  softmaxOp: [0, 1].map((axis) => check((x) => ops.softmax(x, axis), [range(-2, 2, [4, 5])])),
  logSoftmaxOp: [0, 1].map((axis) => check((x) => ops.logSoftmax(x, axis), [range(-2, 2, [4, 5])])),
  crossEntropyOp: REDUCED.flatMap((reduction) =>
    [0, 0.2].map((labelSmoothing) =>
      check((x) => ops.crossEntropy(x, labels([3, 2], 5), { labelSmoothing, reduction }), [range(-2, 2, [3, 5, 2])]),
    ),
  ),
  nllLossOp: REDUCED.map((reduction) =>
    check((x) => ops.nllLoss(x, labels([4], 5), { reduction }), [range(-4, 0, [4, 5])]),
  ),
  l1LossOp: REDUCED.map((reduction) =>
    check((a, b) => ops.l1Loss(a, b, { reduction }), [nonzero([3, 4]), range(-0.1, 0.1, [3, 4], 2)]),
  ),
  smoothL1Op: REDUCED.map((reduction) =>
    check((a, b) => ops.smoothL1(a, b, { reduction, beta: 0.3 }), [steps([3, 4]), range(-0.04, -0.02, [3, 4], 2)]),
  ),
  bceWithLogitsOp: REDUCED.map((reduction) =>
    check((a, b) => ops.bceWithLogits(a, b, { reduction }), [range(-3, 3, [3, 5]), range(0, 1, [3, 5], 2)]),
  ),
  klDivOp: ([...REDUCED, 'batchmean'] as const).flatMap((reduction) => [
    check((a, b) => ops.klDiv(a, b, { reduction }), [range(-3, 0, [3, 4]), range(0.1, 1, [3, 4], 2)]),
    check((a, b) => ops.klDiv(a, b, { reduction, logTarget: true }), [range(-3, 0, [3, 4]), range(-2, 0, [3, 4], 2)]),
  ]),
  mseLossOp: REDUCED.map((reduction) =>
    check((a, b) => ops.mseLoss(a, b, { reduction }), [unit([3, 4]), unit([3, 4], 2)]),
  ),
};
