import { checkOptions } from '../../device/options';
import type { Activation } from '../../ops/elementwise/activation';
import { conv2d as conv2dOp } from '../../ops/conv2d/conv2d';
import type { Conv2dOptions } from '../../ops/conv2d/geometry';
import { pairOf, type Pair } from '../../ops/window';
import type { Device } from '../../runtime/device';
import { ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';
import { newBias, newWeight } from './weights';

/** Options of `nn.conv2d()`. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Default true. */
  bias?: boolean;
  device?: Device;
}

const text = (pair: Pair): string => `(${pair.join(', ')})`;
const isAll = (pair: Pair, n: number): boolean => pair[0] === n && pair[1] === n;

/**
 * x `[N, C, H, W]` to `[N, O, OH, OW]`: cross-correlation with weight `[O, C / groups, KH, KW]`, plus bias `[O]`.
 * Throws `ShapeError` when the settings do not fit each other.
 */
export class Conv2d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair | 'same' | 'valid';
  readonly dilation: Pair;
  readonly groups: number;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: number | Pair,
    options: Conv2dLayerOptions = {},
  ) {
    checkOptions('conv2d', options, 'stride padding dilation groups bias device');
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, device } = options;
    super();
    this.kernelSize = pairOf('conv2d', 'kernelSize', kernelSize, 1);
    this.stride = pairOf('conv2d', 'stride', stride, 1);
    this.padding = typeof padding === 'string' ? padding : pairOf('conv2d', 'padding', padding, 0);
    this.dilation = pairOf('conv2d', 'dilation', dilation, 1);
    this.groups = groups;
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ShapeError(`conv2d: groups ${groups} does not divide ${inChannels} and ${outChannels} channels`);
    const shape = [outChannels, inChannels / groups, ...this.kernelSize];
    this.weight = this.parameter('weight', newWeight('conv2d', shape, device));
    this.bias = bias ? this.parameter('bias', newBias('conv2d', this.weight)) : null;
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
    const { padding, dilation, groups } = this;
    return [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${text(this.kernelSize)}, stride=${text(this.stride)}`,
      ...(typeof padding === 'string' ? [`padding=${padding}`] : isAll(padding, 0) ? [] : [`padding=${text(padding)}`]),
      ...(isAll(dilation, 1) ? [] : [`dilation=${text(dilation)}`]),
      ...(groups === 1 ? [] : [`groups=${groups}`]),
      ...(this.bias ? [] : ['bias=False']),
    ].join(', ');
  }
}

/** x `[N, C, H, W]` to `[N, O, OH, OW]`, PyTorch's defaults. Throws `ShapeError` when the settings do not fit each other. */
export const conv2d = (
  inChannels: number,
  outChannels: number,
  kernelSize: number | Pair,
  options?: Conv2dLayerOptions,
): Conv2d => new Conv2d(inChannels, outChannels, kernelSize, options);
