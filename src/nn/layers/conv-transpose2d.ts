import { checkOptions } from '../../device/options';
import { convTranspose2d as convTranspose2dOp, type ConvTranspose2dOptions } from '../../ops/conv2d/conv-transpose2d';
import { pairOf, type Pair } from '../../ops/window';
import type { Device } from '../../runtime/device';
import type { Tensor } from '../../tensor/tensor';
import { Conv } from './conv';

/** Options of `nn.convTranspose2d()`. */
export interface ConvTranspose2dLayerOptions extends ConvTranspose2dOptions {
  /** Default true. */
  bias?: boolean;
  device?: Device;
}

/**
 * x `[N, C, H, W]` to `[N, O, OH, OW]` by a transposed convolution with weight `[C, O / groups, KH, KW]`, plus bias `[O]`: see
 * `convTranspose2d`. Throws `ShapeError` when the settings do not fit each other.
 */
export class ConvTranspose2d extends Conv {
  readonly padding: Pair;
  readonly outputPadding: Pair;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    options: ConvTranspose2dLayerOptions = {},
  ) {
    checkOptions('convTranspose2d', options, 'stride padding outputPadding dilation groups bias device');
    super('convTranspose2d', inChannels, outChannels, kernelSize, options);
    this.padding = pairOf('convTranspose2d', 'padding', options.padding ?? 0, 0);
    this.outputPadding = pairOf('convTranspose2d', 'outputPadding', options.outputPadding ?? 0, 0);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, dilation, groups } = this;
    return convTranspose2dOp(x, weight, bias, { stride, padding, outputPadding, dilation, groups });
  }

  protected override describe(): string {
    return this.describeWith({ padding: this.padding, output_padding: this.outputPadding });
  }
}

/** x `[N, C, H, W]` to `[N, O, OH, OW]`, PyTorch's defaults. Throws `ShapeError` when the settings do not fit each other. */
export const convTranspose2d = (
  inChannels: number,
  outChannels: number,
  kernelSize: number | Pair,
  options?: ConvTranspose2dLayerOptions,
): ConvTranspose2d => new ConvTranspose2d(inChannels, outChannels, kernelSize, options);
