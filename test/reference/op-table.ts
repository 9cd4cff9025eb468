import type { Activation } from '../../src/ops/elementwise/activation';
import { argmax, argmin } from '../../src/ops/reduce/argmax';
import { batchNorm } from '../../src/ops/batchnorm/batchnorm';
import { cast } from '../../src/ops/elementwise/cast';
import { cumsum } from '../../src/ops/reduce/cumsum';
import { clone } from '../../src/ops/layout/clone';
import { chunk, split } from '../../src/ops/layout/split';
import { squeeze, unsqueeze } from '../../src/ops/layout/squeeze';
import { tril, triu } from '../../src/ops/layout/triangle';
import * as binary from '../../src/ops/elementwise/binary';
import { concat, stack } from '../../src/ops/layout/concat';
import { convTranspose2d, type ConvTranspose2dOptions } from '../../src/ops/conv2d/conv-transpose2d';
import { conv2d } from '../../src/ops/conv2d/conv2d';
import type { Conv2dOptions } from '../../src/ops/conv2d/geometry';
import { embedding } from '../../src/ops/indexing/embedding';
import { gather } from '../../src/ops/indexing/gather';
import { expand, flatten, permute, reshape, transpose } from '../../src/ops/layout/layout';
import { layerNorm } from '../../src/ops/layernorm/layernorm';
import { linear } from '../../src/ops/matmul/linear';
import { crossEntropy } from '../../src/ops/loss/cross-entropy';
import { bceWithLogits } from '../../src/ops/loss/bce-with-logits';
import { klDiv, type KlDivOptions } from '../../src/ops/loss/kl-div';
import { l1Loss, smoothL1, type SmoothL1Options } from '../../src/ops/loss/l1-loss';
import { mseLoss } from '../../src/ops/loss/mse-loss';
import { nllLoss } from '../../src/ops/loss/nll-loss';
import type { LossOptions } from '../../src/ops/loss/reduction';
import { matmul } from '../../src/ops/matmul/matmul';
import type { MatmulAttrs } from '../../src/ops/matmul/product';
import { avgPool2d, globalAvgPool2d } from '../../src/ops/pool2d/avg-pool2d';
import { maxPool2d } from '../../src/ops/pool2d/max-pool2d';
import { max, mean, min, std, sum, variance } from '../../src/ops/reduce/reduce';
import { pad, slice, type Padding } from '../../src/ops/layout/slice';
import { logSoftmax, softmax } from '../../src/ops/softmax/softmax';
import * as unary from '../../src/ops/elementwise/unary';
import { upsample, type UpsampleOptions } from '../../src/ops/upsample/upsample';
import { where } from '../../src/ops/elementwise/where';
import type { Pair } from '../../src/ops/window';
import type { DType } from '../../src/tensor/dtype';
import type { Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { SINGLE_RULES, type SingleName } from '../support/reference/elementwise';

/** Calls the library with the attributes of a case: `given` are its inputs, `all` has `null` in place of those left out. */
export type Run<A> = (given: readonly Tensor[], attrs: A, all: readonly (Tensor | null)[]) => Tensor<DType>;

interface ReduceSettings {
  axes?: readonly number[];
  keepdim: boolean;
}

interface PoolSettings {
  kernel: number | Pair;
  stride: number | Pair;
  padding: number | Pair;
}

const reduction =
  (op: (x: Tensor, axes?: readonly number[], keepdim?: boolean) => Tensor): Run<ReduceSettings> =>
  ([x], { axes, keepdim }) =>
    op(x, axes, keepdim);

const pair =
  (op: (a: Tensor, b: Tensor) => Tensor): Run<unknown> =>
  ([a, b]) =>
    op(a, b);

const single =
  (op: (x: Tensor) => Tensor): Run<unknown> =>
  ([x]) =>
    op(x);

/** The ops on single elements; those with settings are called below. */
const singles = Object.fromEntries(
  (Object.keys(SINGLE_RULES) as SingleName[]).map((name) => [name, single(unary[name] as (x: Tensor) => Tensor)]),
) as Record<SingleName, Run<unknown>>;

/** How each op of the vectors is called. */
export const OPS = {
  add: pair(binary.add),
  sub: pair(binary.sub),
  mul: pair(binary.mul),
  div: pair(binary.div),
  pow: pair(binary.pow),
  maximum: pair(binary.maximum),
  minimum: pair(binary.minimum),
  eq: pair(binary.eq),
  ne: pair(binary.ne),
  lt: pair(binary.lt),
  le: pair(binary.le),
  gt: pair(binary.gt),
  ge: pair(binary.ge),
  ...singles,
  leakyRelu: ([x], { negativeSlope }: { negativeSlope: number }) => unary.leakyRelu(x, negativeSlope),
  clamp: ([x], { low, high }: { low: number; high: number }) => unary.clamp(x, low, high),
  softplus: ([x], { beta, threshold }: { beta: number; threshold: number }) => unary.softplus(x, beta, threshold),
  where: ([condition, a, b]) => where(condition, a, b),
  sum: reduction(sum),
  mean: reduction(mean),
  max: reduction(max),
  min: reduction(min),
  variance: ([x], { axes, ...options }: ReduceSettings & { correction: number }) => variance(x, axes, options),
  std: ([x], { axes, ...options }: ReduceSettings & { correction: number }) => std(x, axes, options),
  argmin: ([x], { axis, keepdim }: { axis: number; keepdim: boolean }) => argmin(x, axis, keepdim),
  argmax: ([x], { axis, keepdim }: { axis: number; keepdim: boolean }) => argmax(x, axis, keepdim),
  reshape: ([x], { shape }: { shape: Shape }) => reshape(x, shape),
  squeeze: ([x], { axes }: { axes?: readonly number[] }) => squeeze(x, axes),
  unsqueeze: ([x], { axis }: { axis: number }) => unsqueeze(x, axis),
  split: ([x], { sizes, axis, piece }: { sizes: number | number[]; axis: number; piece: number }) =>
    split(x, sizes, axis)[piece],
  chunk: ([x], { chunks, axis, piece }: Record<'chunks' | 'axis' | 'piece', number>) => chunk(x, chunks, axis)[piece],
  clone: single(clone),
  cumsum: ([x], { axis }: { axis: number }) => cumsum(x, axis),
  cast: ([x], { dtype }: { dtype: DType }) => cast(x, dtype),
  tril: ([x], { diagonal }: { diagonal: number }) => tril(x, diagonal),
  triu: ([x], { diagonal }: { diagonal: number }) => triu(x, diagonal),
  flatten: ([x], { start, end }: { start: number; end: number }) => flatten(x, start, end),
  expand: ([x], { shape }: { shape: Shape }) => expand(x, shape),
  permute: ([x], { axes }: { axes: readonly number[] }) => permute(x, axes),
  transpose: ([x], { a, b }: { a: number; b: number }) => transpose(x, a, b),
  slice: ([x], { starts, ends, steps }: Record<'starts' | 'ends' | 'steps', readonly number[]>) =>
    slice(x, starts, ends, steps),
  concat: (parts, { axis }: { axis: number }) => concat(parts, axis),
  stack: (parts, { axis }: { axis: number }) => stack(parts, axis),
  pad: ([x], { padding, value }: { padding: Padding; value: number }) => pad(x, padding, value),
  embedding: pair(embedding),
  gather: ([x, index], { axis }: { axis: number }) => gather(x, axis, index),
  matmul: ([a, b], attrs: MatmulAttrs) => matmul(a, b, attrs),
  linear: ([x, weight], attrs: { activation: Activation }, [, , bias]) => linear(x, weight, bias, attrs),
  conv2d: ([input, weight], attrs: Conv2dOptions & { activation?: Activation }, [, , bias]) =>
    conv2d(input, weight, bias, attrs),
  convTranspose2d: ([input, weight], attrs: ConvTranspose2dOptions, [, , bias]) =>
    convTranspose2d(input, weight, bias, attrs),
  maxPool2d: ([x], { kernel, ...attrs }: PoolSettings & { dilation: number | Pair }) => maxPool2d(x, kernel, attrs),
  avgPool2d: ([x], { kernel, ...attrs }: PoolSettings & { countIncludePad: boolean }) => avgPool2d(x, kernel, attrs),
  globalAvgPool2d: single(globalAvgPool2d),
  batchNorm: (
    [x],
    attrs: { training: boolean; momentum: number; eps: number; relu?: boolean },
    [, weight, bias, runningMean, runningVar],
  ) => batchNorm(x, { weight, bias, runningMean, runningVar, ...attrs }),
  layerNorm: ([x], { shape, eps }: { shape: Shape; eps: number }, [, weight, bias]) =>
    layerNorm(x, shape, { weight, bias, eps }),
  upsample: ([x], attrs: UpsampleOptions) => upsample(x, attrs),
  softmax: ([x], { axis }: { axis: number }) => softmax(x, axis),
  logSoftmax: ([x], { axis }: { axis: number }) => logSoftmax(x, axis),
  crossEntropy: ([logits, target], attrs: LossOptions & { labelSmoothing: number }) =>
    crossEntropy(logits, target, attrs),
  nllLoss: ([logProbs, target], attrs: LossOptions) => nllLoss(logProbs, target, attrs),
  l1Loss: ([input, target], attrs: LossOptions) => l1Loss(input, target, attrs),
  smoothL1: ([input, target], attrs: SmoothL1Options) => smoothL1(input, target, attrs),
  bceWithLogits: ([logits, target], attrs: LossOptions) => bceWithLogits(logits, target, attrs),
  klDiv: ([input, target], attrs: KlDivOptions) => klDiv(input, target, attrs),
  mseLoss: ([input, target], attrs: LossOptions) => mseLoss(input, target, attrs),
} satisfies Record<string, Run<never>>;
