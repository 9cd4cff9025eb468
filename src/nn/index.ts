import type { Pair } from '../ops/window';
import { GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh } from './activation';
import { Dropout, Flatten, Identity } from './basic';
import { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from './batchnorm';
import { Conv2d, type Conv2dLayerOptions } from './conv';
import { Linear, type LinearOptions } from './linear';
import type { Module } from './module';
import { AvgPool2d, GlobalAvgPool2d, MaxPool2d, type PoolOptions } from './pool';
import { Sequential } from './sequential';

export { crossEntropy } from '../ops/loss/cross-entropy';
export { mseLoss } from '../ops/loss/mse-loss';
export { nllLoss } from '../ops/loss/nll-loss';
export { GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh } from './activation';
export { Dropout, Flatten, Identity } from './basic';
export { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from './batchnorm';
export { Conv2d, type Conv2dLayerOptions } from './conv';
export * as init from './init';
export { Linear, type LinearOptions } from './linear';
export { Module } from './module';
export { AvgPool2d, GlobalAvgPool2d, MaxPool2d, type PoolOptions } from './pool';
export { Sequential } from './sequential';
export { StateDictError, type LoadResult, type StateDict } from './state';

/** One layer after the other; parameters are named `0.weight`, `0.bias`, `1.weight`, …. Throws `TypeError` for what is no module. */
export const sequential = (...layers: Module[]): Sequential => new Sequential(...layers);

/** x `[N, C, H, W]` to `[N, O, OH, OW]`, PyTorch's defaults. Throws `ShapeError` when the settings do not fit each other. */
export const conv2d = (
  inChannels: number,
  outChannels: number,
  kernelSize: number | Pair,
  options?: Conv2dLayerOptions,
): Conv2d => new Conv2d(inChannels, outChannels, kernelSize, options);

/** x `[..., in]` to `[..., out]`, PyTorch's defaults. */
export const linear = (inFeatures: number, outFeatures: number, options?: LinearOptions): Linear =>
  new Linear(inFeatures, outFeatures, options);

/** Batch normalisation of x `[N, C]` or `[N, C, L]`. */
export const batchNorm1d = (numFeatures: number, options?: BatchNormLayerOptions): BatchNorm1d =>
  new BatchNorm1d(numFeatures, options);

/** Batch normalisation of x `[N, C, H, W]`. */
export const batchNorm2d = (numFeatures: number, options?: BatchNormLayerOptions): BatchNorm2d =>
  new BatchNorm2d(numFeatures, options);

/** In training, zeroes each element with probability `p` and scales the others. Throws `RangeError` for p outside [0, 1]. */
export const dropout = (p?: number): Dropout => new Dropout(p);

/** The largest element of each window of x `[N, C, H, W]`; the stride defaults to the kernel's size. */
export const maxPool2d = (kernelSize: number | Pair, options?: PoolOptions & { dilation?: number | Pair }): MaxPool2d =>
  new MaxPool2d(kernelSize, options);

/** The mean of each window of x `[N, C, H, W]`; the stride defaults to the kernel's size. */
export const avgPool2d = (
  kernelSize: number | Pair,
  options?: PoolOptions & { countIncludePad?: boolean },
): AvgPool2d => new AvgPool2d(kernelSize, options);

/** The mean of each plane of x `[N, C, H, W]`: `[N, C, 1, 1]`. */
export const globalAvgPool2d = (): GlobalAvgPool2d => new GlobalAvgPool2d();

/** Joins the axes `start` to `end` into one; by default all but the batch. */
export const flatten = (start?: number, end?: number): Flatten => new Flatten(start, end);

/** x itself. */
export const identity = (): Identity => new Identity();

/** max(x, 0). */
export const relu = (): ReLU => new ReLU();

/** x where x > 0, else `negativeSlope` (default 0.01) · x. */
export const leakyRelu = (negativeSlope?: number): LeakyReLU => new LeakyReLU(negativeSlope);

/** 1 / (1 + exp(-x)). */
export const sigmoid = (): Sigmoid => new Sigmoid();

/** Hyperbolic tangent. */
export const tanh = (): Tanh => new Tanh();

/** x · Φ(x), the exact form by erf. */
export const gelu = (): GELU => new GELU();

/** x · sigmoid(x). */
export const silu = (): SiLU => new SiLU();

/** exp(x) / Σ exp(x) along `axis` (default the last). */
export const softmax = (axis?: number): Softmax => new Softmax(axis);
