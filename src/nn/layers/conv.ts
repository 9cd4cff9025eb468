import { pairOf, type Pair } from '../../ops/window';
import type { Device } from '../../runtime/device';
import { ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';
import { newBias, newWeight } from './weights';

/** The options that a convolution and a transposed one have in common, but padding. */
interface ConvOptions {
  readonly stride?: number | Pair;
  readonly dilation?: number | Pair;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly device?: Device;
}

const text = (value: Pair | string): string => (typeof value === 'string' ? value : `(${value.join(', ')})`);

/** What a convolution and a transposed one have in common. */
export abstract class Conv extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;

  constructor(
    op: 'conv2d' | 'convTranspose2d',
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: number | Pair,
    { stride = 1, dilation = 1, groups = 1, bias = true, device }: ConvOptions,
  ) {
    super();
    this.kernelSize = pairOf(op, 'kernelSize', kernelSize, 1);
    this.stride = pairOf(op, 'stride', stride, 1);
    this.dilation = pairOf(op, 'dilation', dilation, 1);
    this.groups = groups;
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ShapeError(`${op}: groups ${groups} does not divide ${inChannels} and ${outChannels} channels`);
    const [rows, columns] = op === 'conv2d' ? [outChannels, inChannels] : [inChannels, outChannels];
    this.weight = this.parameter('weight', newWeight(op, [rows, columns / groups, ...this.kernelSize], device));
    this.bias = bias ? this.parameter('bias', newBias(op, this.weight, outChannels)) : null;
  }

  /** `paddings` by PyTorch's names. */
  protected describeWith(paddings: Readonly<Record<string, Pair | string>>): string {
    const { groups } = this;
    return [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${text(this.kernelSize)}, stride=${text(this.stride)}`,
      ...Object.entries({ ...paddings, dilation: this.dilation }).flatMap(([name, value]) =>
        text(value) === (name === 'dilation' ? '(1, 1)' : '(0, 0)') ? [] : [`${name}=${text(value)}`],
      ),
      ...(groups === 1 ? [] : [`groups=${groups}`]),
      ...(this.bias ? [] : ['bias=False']),
    ].join(', ');
  }
}
