import type { DType } from '../../tensor/dtype';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { normalizeAxes, normalizeAxis } from '../../tensor/shape';
import { reshape } from './layout';

/**
 * `x` without its axes of size 1, on the same memory: all of them, or those of `axes` (others of these stay, as in
 * PyTorch).
 * Throws `ShapeError` for an axis that `x` does not have.
 */
export function squeeze<D extends DType>(x: Tensor<D>, axes?: number | readonly number[]): Tensor<D> {
  checkTensor('squeeze', 'input 0', x);
  const list = normalizeAxes('squeeze', axes, x.rank);
  return reshape(x, x.shape.filter((n, axis) => n !== 1 || !list.includes(axis))); // prettier-ignore
}

/**
 * `x` with a new axis of size 1 before its axis `axis` (-1: after the last), on the same memory. Throws `ShapeError`
 * for an axis out of range.
 */
export function unsqueeze<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  checkTensor('unsqueeze', 'input 0', x);
  const at = normalizeAxis('unsqueeze', axis, x.rank + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}
