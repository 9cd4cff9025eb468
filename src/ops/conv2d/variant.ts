import type { Variant } from '../../variants/variant';
import type { Tensor } from '../../tensor/tensor';
import type { Activation } from '../elementwise/activation';
import type { Conv2dGeometry } from './geometry';

/** Writes every element of `out` `[N, O, OH, OW]`, bias and activation included. */
export type Conv2dForward = (
  geometry: Conv2dGeometry,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  activation: Activation,
  out: Tensor,
) => void;

/** Writes every element of `gradInput` `[N, C, H, W]`. */
export type Conv2dInputGradient = (
  geometry: Conv2dGeometry,
  gradOut: Tensor,
  weight: Tensor,
  gradInput: Tensor,
) => void;

/** Writes every element of `gradWeight` `[O, C / groups, KH, KW]` and, where it is given, of `gradBias` `[O]`. */
export type Conv2dWeightGradient = (
  geometry: Conv2dGeometry,
  input: Tensor,
  gradOut: Tensor,
  gradWeight: Tensor,
  gradBias: Tensor | null,
) => void;

/** One way to compute one of a convolution's three results. */
export interface Conv2dVariant<Launch> extends Variant<Conv2dGeometry> {
  readonly launch: Launch;
}
