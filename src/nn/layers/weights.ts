import type { Device } from '../../runtime/device';
import type { Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { fansOf, kaimingUniform, uniform } from '../init';

/** The weight `[out, in, …]` of a new layer as PyTorch makes it: uniform in ±1/sqrt(fanIn). */
export function newWeight(layer: string, shape: Shape, device?: Device): Tensor {
  return kaimingUniform(Tensor.empty(shape, 'float32', device, layer), { a: Math.sqrt(5) });
}

/** The bias `[size]` of a new layer as PyTorch makes it: uniform in ±1/sqrt(fanIn) of its weight. */
export function newBias(layer: string, weight: Tensor, size = weight.shape[0]): Tensor {
  const bound = 1 / Math.sqrt(fansOf(weight).fanIn);
  return uniform(Tensor.empty([size], 'float32', weight.device, layer), -bound, bound);
}
