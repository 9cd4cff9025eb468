import { checkOptions } from '../../device/options';
import type { Activation } from '../../ops/elementwise/activation';
import { linear as linearOp } from '../../ops/matmul/linear';
import type { Device } from '../../runtime/device';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';
import { newBias, newWeight } from './weights';

/** Options of `nn.linear()`. */
export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
  device?: Device;
}

/** x `[..., in]` to `[..., out]`: x · weightᵀ + bias, weight `[out, in]`. */
export class Linear extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: LinearOptions = {},
  ) {
    checkOptions('linear', options, 'bias device');
    const { bias = true, device } = options;
    super();
    this.weight = this.parameter('weight', newWeight('linear', [outFeatures, inFeatures], device));
    this.bias = bias ? this.parameter('bias', newBias('linear', this.weight)) : null;
  }

  override forward(x: Tensor): Tensor {
    return this.forwardFused(x, {});
  }

  /** The same result as a following activation, without an extra pass. */
  forwardFused(x: Tensor, fused: { activation?: Activation }): Tensor {
    return linearOp(x, this.weight, this.bias, fused);
  }

  protected override describe(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${this.bias ? 'True' : 'False'}`;
  }
}

/** x `[..., in]` to `[..., out]`, PyTorch's defaults. */
export const linear = (inFeatures: number, outFeatures: number, options?: LinearOptions): Linear =>
  new Linear(inFeatures, outFeatures, options);
