import { checkOptions } from '../../device/options';
import { avgPool2d as avgPool2dOp, globalAvgPool2d as globalAvgPool2dOp } from '../../ops/pool2d/avg-pool2d';
import { maxPool2d as maxPool2dOp, type MaxPool2dOptions } from '../../ops/pool2d/max-pool2d';
import type { Pair } from '../../ops/window';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

type Size = number | Pair;

const text = (size: Size): string => (typeof size === 'number' ? String(size) : `(${size.join(', ')})`);

/** What the options of both poolings have in common. */
export interface PoolOptions {
  /** Default: the kernel's size. */
  stride?: Size;
  /** Default 0. */
  padding?: Size;
}

/** Options of `nn.maxPool2d()`. */
export interface MaxPoolOptions extends PoolOptions {
  /** Distance between neighbouring elements of a window; default 1. */
  dilation?: Size;
}

/** Options of `nn.avgPool2d()`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether zeros of the padding count as elements; default true. */
  countIncludePad?: boolean;
}

/** What both have in common. */
abstract class Pool2d extends Module {
  readonly stride: Size;
  readonly padding: Size;

  constructor(
    readonly kernelSize: Size,
    { stride = kernelSize, padding = 0 }: PoolOptions,
  ) {
    super();
    this.stride = stride;
    this.padding = padding;
  }

  protected override describe(): string {
    return `kernel_size=${text(this.kernelSize)}, stride=${text(this.stride)}, padding=${text(this.padding)}`;
  }
}

/** The largest element of each window of x `[N, C, H, W]`: see `maxPool2d`. */
export class MaxPool2d extends Pool2d {
  readonly dilation: Size;

  constructor(kernelSize: Size, options: MaxPoolOptions = {}) {
    checkOptions('maxPool2d', options, 'stride padding dilation');
    super(kernelSize, options);
    this.dilation = options.dilation ?? 1;
  }

  override forward(x: Tensor): Tensor {
    return this.forwardFused(x, {});
  }

  /** The same result as a following dropout, without an extra pass. */
  forwardFused(x: Tensor, fused: Pick<MaxPool2dOptions, 'dropout'>): Tensor {
    const { stride, padding, dilation } = this;
    return maxPool2dOp(x, this.kernelSize, { stride, padding, dilation, ...fused });
  }

  /** @inheritDoc */
  protected override describe(): string {
    return `${super.describe()}, dilation=${text(this.dilation)}`;
  }
}

/** The largest element of each window of x `[N, C, H, W]`; the stride defaults to the kernel's size. */
export const maxPool2d = (kernelSize: Size, options?: MaxPoolOptions): MaxPool2d => new MaxPool2d(kernelSize, options);

/** The mean of each window of x `[N, C, H, W]`: see `avgPool2d`. */
export class AvgPool2d extends Pool2d {
  readonly countIncludePad: boolean;

  constructor(kernelSize: Size, options: AvgPoolOptions = {}) {
    checkOptions('avgPool2d', options, 'stride padding countIncludePad');
    super(kernelSize, options);
    this.countIncludePad = options.countIncludePad ?? true;
  }

  override forward(x: Tensor): Tensor {
    const { stride, padding, countIncludePad } = this;
    return avgPool2dOp(x, this.kernelSize, { stride, padding, countIncludePad });
  }
}

/** The mean of each window of x `[N, C, H, W]`; the stride defaults to the kernel's size. */
export const avgPool2d = (kernelSize: Size, options?: AvgPoolOptions): AvgPool2d => new AvgPool2d(kernelSize, options);

/** The mean of each plane of x `[N, C, H, W]`: `[N, C, 1, 1]`. */
export class GlobalAvgPool2d extends Module {
  override forward(x: Tensor): Tensor {
    return globalAvgPool2dOp(x);
  }
}

/** The mean of each plane of x `[N, C, H, W]`: `[N, C, 1, 1]`. */
export const globalAvgPool2d = (): GlobalAvgPool2d => new GlobalAvgPool2d();
