import { checkOptions } from '../../device/options';
import { batchNorm, type BatchNormOptions } from '../../ops/batchnorm/batchnorm';
import type { Device } from '../../runtime/device';
import { full, ones, zeros } from '../../tensor/create/create';
import { formatShape, ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

/** Options of `batchNorm1d()` and `batchNorm2d()`. */
export interface BatchNormLayerOptions {
  /** Added to the variance; default 1e-5. */
  eps?: number;
  /** Weight of the batch in the updated running statistics; default 0.1. */
  momentum?: number;
  /** Whether the layer has weight and bias; default true. */
  affine?: boolean;
  /** Whether evaluation uses running statistics; default true. If false, it uses the batch's, as training does. */
  trackRunningStats?: boolean;
  device?: Device;
}

const python = (value: boolean): string => (value ? 'True' : 'False');

/** What both have in common. `ranks` are the ranks that an input may have, `axes` names them in messages. */
abstract class BatchNorm extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  /** int32, counts the training batches. */
  readonly numBatchesTracked: Tensor<'int32'> | null;
  readonly eps: number;
  readonly momentum: number;
  protected abstract readonly ranks: readonly number[];
  protected abstract readonly axes: string;

  constructor(
    readonly numFeatures: number,
    options: BatchNormLayerOptions = {},
  ) {
    checkOptions('batchNorm', options, 'eps momentum affine trackRunningStats device');
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, device } = options;
    super();
    this.eps = eps;
    this.momentum = momentum;
    const shape = [numFeatures];
    this.weight = affine ? this.parameter('weight', ones(shape, { device })) : null;
    this.bias = affine ? this.parameter('bias', zeros(shape, { device })) : null;
    this.runningMean = trackRunningStats ? this.buffer('running_mean', zeros(shape, { device })) : null;
    this.runningVar = trackRunningStats ? this.buffer('running_var', ones(shape, { device })) : null;
    this.numBatchesTracked = trackRunningStats
      ? this.buffer('num_batches_tracked', full([], 0, { device, dtype: 'int32' }))
      : null;
  }

  override forward(x: Tensor): Tensor {
    return this.forwardFused(x, {});
  }

  /** The same result as a ReLU before this layer and a dropout after it, without an extra pass for either. */
  forwardFused(x: Tensor, fused: Pick<BatchNormOptions, 'relu' | 'dropout'>): Tensor {
    if (!this.ranks.includes(x.rank))
      throw new ShapeError(`${this.constructor.name}: expected input ${this.axes}, got ${formatShape(x.shape)}`);
    const { weight, bias, runningMean, runningVar, numBatchesTracked, momentum, eps } = this;
    const training = this.training || !runningMean;
    const options = { weight, bias, runningMean, runningVar, numBatchesTracked, training, momentum, eps };
    return batchNorm(x, { ...options, ...fused });
  }

  protected override describe(): string {
    const { numFeatures, eps, momentum } = this;
    const [affine, track] = [python(this.weight !== null), python(this.runningMean !== null)];
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${affine}, track_running_stats=${track}`;
  }
}

/** Batch normalisation of x `[N, C]` or `[N, C, L]` (Ioffe and Szegedy 2015): see `batchNorm`. */
export class BatchNorm1d extends BatchNorm {
  protected override readonly ranks = [2, 3];
  protected override readonly axes = '[N, C] or [N, C, L]';
}

/** Batch normalisation of x `[N, C]` or `[N, C, L]`. */
export const batchNorm1d = (numFeatures: number, options?: BatchNormLayerOptions): BatchNorm1d =>
  new BatchNorm1d(numFeatures, options);

/** Batch normalisation of x `[N, C, H, W]` (Ioffe and Szegedy 2015): see `batchNorm`. */
export class BatchNorm2d extends BatchNorm {
  protected override readonly ranks = [4];
  protected override readonly axes = '[N, C, H, W]';
}

/** Batch normalisation of x `[N, C, H, W]`. */
export const batchNorm2d = (numFeatures: number, options?: BatchNormLayerOptions): BatchNorm2d =>
  new BatchNorm2d(numFeatures, options);
