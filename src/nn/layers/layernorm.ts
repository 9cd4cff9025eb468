import { checkOptions } from '../../device/options';
import { layerNorm as layerNormOp } from '../../ops/layernorm/layernorm';
import type { Device } from '../../runtime/device';
import { ones, zeros } from '../../tensor/create/create';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

/** Options of `nn.layerNorm()`. */
export interface LayerNormLayerOptions {
  /** Added to the variance; default 1e-5. */
  eps?: number;
  /** Whether the layer has weight and bias; default true. */
  elementwiseAffine?: boolean;
  /** Whether it has a bias beside the weight; default true. */
  bias?: boolean;
  device?: Device;
}

/** Normalises the last axes of x, which `normalizedShape` gives: see `layerNorm`. */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly eps: number;

  constructor(normalizedShape: number | Shape, options: LayerNormLayerOptions = {}) {
    checkOptions('layerNorm', options, 'eps elementwiseAffine bias device');
    const { eps = 1e-5, elementwiseAffine = true, bias = true, device } = options;
    super();
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = eps;
    this.weight = elementwiseAffine ? this.parameter('weight', ones(this.normalizedShape, { device })) : null;
    this.bias = elementwiseAffine && bias ? this.parameter('bias', zeros(this.normalizedShape, { device })) : null;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNormOp(x, this.normalizedShape, { weight, bias, eps });
  }

  protected override describe(): string {
    const shape = this.normalizedShape.length === 1 ? `${this.normalizedShape[0]},` : this.normalizedShape.join(', ');
    return `(${shape}), eps=${this.eps}, elementwise_affine=${this.weight ? 'True' : 'False'}`;
  }
}

/** Normalises the last axes of x, which `normalizedShape` gives (a number: the last one); PyTorch's defaults. */
export const layerNorm = (normalizedShape: number | Shape, options?: LayerNormLayerOptions): LayerNorm =>
  new LayerNorm(normalizedShape, options);
