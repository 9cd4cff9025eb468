import { checkOptions } from '../../device/options';
import type { Activation } from '../../ops/elementwise/activation';
import { conv2d as conv2dOp } from '../../ops/conv2d/conv2d';
import type { Conv2dOptions } from '../../ops/conv2d/geometry';
import { pairOf, type Pair } from '../../ops/window';
import type { Device } from '../../runtime/device';
import type { Tensor } from '../../tensor/tensor';
import { Conv } from './conv';

/** Options of `nn.conv2d()`. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Default true. */
  bias?: boolean;
  device?: Device;
}

/**
 * x `[N, C, H, W]` to `[N, O, OH, OW]`: cross-correlation with weight `[O, C / groups, KH, KW]`, plus bias `[O]`.
 * Throws `ShapeError` when the settings do not fit each other.
 */
export class Conv2d extends Conv {
  readonly padding: Pair | 'same' | 'valid';

  constructor(inChannels: number, outChannels: number, kernelSize: number | Pair, options: Conv2dLayerOptions = {}) {
    checkOptions('conv2d', options, 'stride padding dilation groups bias device');
    super('conv2d', inChannels, outChannels, kernelSize, options);
    const { padding = 0 } = options;
    this.padding = typeof padding === 'string' ? padding : pairOf('conv2d', 'padding', padding, 0);
  }

  override forward(x: Tensor): Tensor {
    return this.forwardFused(x, {});
  }

  /** The same result as a following activation, without an extra pass. */
  forwardFused(x: Tensor, fused: { activation?: Activation }): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    return conv2dOp(x, weight, bias, { stride, padding, dilation, groups, ...fused });
  }

  protected override describe(): string {
    return this.describeWith({ padding: this.padding });
  }
}

/** x `[N, C, H, W]` to `[N, O, OH, OW]`, PyTorch's defaults. Throws `ShapeError` when the settings do not fit each other. */
export const conv2d = (
  inChannels: number,
  outChannels: number,
  kernelSize: number | Pair,
  options?: Conv2dLayerOptions,
): Conv2d => new Conv2d(inChannels, outChannels, kernelSize, options);
