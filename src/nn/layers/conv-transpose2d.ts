import { checkOptions } from '../../device/options';
import { convTranspose2d as convTranspose2dOp, type ConvTranspose2dOptions } from '../../ops/conv2d/conv-transpose2d';
import { pairOf, type Pair } from '../../ops/window';
import type { Device } from '../../runtime/device';
import { ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';
import { newBias, newWeight } from './weights';

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
export class ConvTranspose2d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly outputPadding: Pair;
  readonly dilation: Pair;
  readonly groups: number;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: number | Pair,
    options: ConvTranspose2dLayerOptions = {},
  ) {
    checkOptions('convTranspose2d', options, 'stride padding outputPadding dilation groups bias device');
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias = true, device } = options;
    super();
    this.kernelSize = pairOf('convTranspose2d', 'kernelSize', kernelSize, 1);
    this.stride = pairOf('convTranspose2d', 'stride', stride, 1);
    this.padding = pairOf('convTranspose2d', 'padding', padding, 0);
    this.outputPadding = pairOf('convTranspose2d', 'outputPadding', outputPadding, 0);
    this.dilation = pairOf('convTranspose2d', 'dilation', dilation, 1);
    this.groups = groups;
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ShapeError(
        `convTranspose2d: groups ${groups} does not divide ${inChannels} and ${outChannels} channels`,
      );
    const shape = [inChannels, outChannels / groups, ...this.kernelSize];
    this.weight = this.parameter('weight', newWeight('convTranspose2d', shape, device));
    this.bias = bias ? this.parameter('bias', newBias('convTranspose2d', this.weight, outChannels)) : null;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, dilation, groups } = this;
    return convTranspose2dOp(x, weight, bias, { stride, padding, outputPadding, dilation, groups });
  }

  protected override describe(): string {
    const settings: [name: string, value: Pair, usual: number][] = [
      ['padding', this.padding, 0],
      ['output_padding', this.outputPadding, 0],
      ['dilation', this.dilation, 1],
    ];
    return [
      `${this.inChannels}, ${this.outChannels}, kernel_size=(${this.kernelSize.join(', ')}), stride=(${this.stride.join(', ')})`,
      ...settings.flatMap(([name, value, usual]) =>
        value.every((n) => n === usual) ? [] : [`${name}=(${value.join(', ')})`],
      ),
      ...(this.groups === 1 ? [] : [`groups=${this.groups}`]),
      ...(this.bias ? [] : ['bias=False']),
    ].join(', ');
  }
}

/** x `[N, C, H, W]` to `[N, O, OH, OW]`, PyTorch's defaults. Throws `ShapeError` when the settings do not fit each other. */
export const convTranspose2d = (
  inChannels: number,
  outChannels: number,
  kernelSize: number | Pair,
  options?: ConvTranspose2dLayerOptions,
): ConvTranspose2d => new ConvTranspose2d(inChannels, outChannels, kernelSize, options);
