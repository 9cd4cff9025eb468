import { avgPool2d, globalAvgPool2d } from '../ops/pool2d/avg-pool2d';
import { maxPool2d, type MaxPool2dOptions } from '../ops/pool2d/max-pool2d';
import type { Pair } from '../ops/window';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';

type Size = number | Pair;

const text = (size: Size): string => (typeof size === 'number' ? String(size) : `(${size.join(', ')})`);

export interface PoolOptions {
  /** Default: the kernel's size. */
  stride?: Size;
  /** Default 0. */
  padding?: Size;
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

  constructor(kernelSize: Size, { dilation = 1, ...options }: PoolOptions & { dilation?: Size } = {}) {
    super(kernelSize, options);
    this.dilation = dilation;
  }

  override forward(x: Tensor): Tensor {
    return this.forwardFused(x, {});
  }

  /** As `forward`, with a dropout behind this layer as part of its kernels. */
  forwardFused(x: Tensor, folded: Pick<MaxPool2dOptions, 'dropout'>): Tensor {
    const { stride, padding, dilation } = this;
    return maxPool2d(x, this.kernelSize, { stride, padding, dilation, ...folded });
  }

  protected override describe(): string {
    return `${super.describe()}, dilation=${text(this.dilation)}`;
  }
}

/** The mean of each window of x `[N, C, H, W]`: see `avgPool2d`. */
export class AvgPool2d extends Pool2d {
  readonly countIncludePad: boolean;

  constructor(
    kernelSize: Size,
    { countIncludePad = true, ...options }: PoolOptions & { countIncludePad?: boolean } = {},
  ) {
    super(kernelSize, options);
    this.countIncludePad = countIncludePad;
  }

  override forward(x: Tensor): Tensor {
    const { stride, padding, countIncludePad } = this;
    return avgPool2d(x, this.kernelSize, { stride, padding, countIncludePad });
  }
}

/** The mean of each plane of x `[N, C, H, W]`: `[N, C, 1, 1]`. */
export class GlobalAvgPool2d extends Module {
  override forward(x: Tensor): Tensor {
    return globalAvgPool2d(x);
  }
}
