import { keep } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

/** An alias that no scope frees. */
export const keptAlias = (tensor: Tensor): Tensor => keep(tensor.alias());

/** The shape of a tensor whose values the gradient rule does not read: using them throws. */
export function shapeOnly(tensor: Tensor): Tensor {
  const freed = keptAlias(tensor);
  freed.free('the op does not save its values for the backward pass; name it in the saves of the op');
  return freed;
}

export const describeTensor = (tensor: Tensor): string => {
  const name = tensor.name && `'${tensor.name}' `;
  return `${name}${formatShape(tensor.shape)}`;
};

/** How a node was when its graph was recorded. */
export interface Recorded {
  readonly inputs: readonly Tensor[];
  readonly result: Tensor;
  readonly users: number;
  /** Writes to the inputs and to the result since the op ran. */
  readonly inputWrites: readonly number[];
  readonly outputWrites: number;
}
