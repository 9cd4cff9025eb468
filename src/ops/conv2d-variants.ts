import type { Device } from '../runtime/device';
import type { Tensor } from '../tensor/tensor';
import type { Activation } from './activation';
import type { Conv2dGeometry } from './conv2d-geometry';

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
export interface Conv2dVariant<Launch> {
  readonly name: string;
  /** Whether it is right for this shape and can run on this device; where it is left out, only what it serves. */
  readonly runs?: (geometry: Conv2dGeometry, device: Device) => boolean;
  /** Whether it is the choice for this shape on this device, given that no earlier one is. */
  readonly serves: (geometry: Conv2dGeometry, device: Device) => boolean;
  readonly launch: Launch;
}

/** From the special case to the general one, which serves everything and stands last. */
export type Conv2dTable<Launch> = readonly Conv2dVariant<Launch>[];

/** Whether `variant` can compute the case, as the choice or not. */
export function canRun<Launch>(variant: Conv2dVariant<Launch>, geometry: Conv2dGeometry, device: Device): boolean {
  return (variant.runs ?? variant.serves)(geometry, device);
}

/** The first variant of `table` that runs and serves the case. */
export function variantFor<Launch>(
  table: Conv2dTable<Launch>,
  geometry: Conv2dGeometry,
  device: Device,
): Conv2dVariant<Launch> {
  const found = table.find((variant) => canRun(variant, geometry, device) && variant.serves(geometry, device));
  if (!found) throw new Error(`conv2d: none of ${table.map(({ name }) => name).join(', ')} serves this shape`);
  return found;
}
