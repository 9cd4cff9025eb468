import type { DType } from '../../tensor/dtype';
import { fillConstant } from '../../tensor/create/fill';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { sizeOf, stridesOf, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { mergeAxes } from './strided';

const COPY = elementKernel('strided_copy', () => import('./shaders.lazy'), { multiItem: true });

/** Elements of a tensor that lie at regular strides: the first one, and the stride of each axis, in elements. */
export interface Region {
  readonly start: number;
  readonly strides: readonly number[];
}

/** Copies `shape` elements from a region of `x` to one of `y`, which must not overlap itself. */
export function stridedCopy(
  op: string,
  shape: Shape,
  x: Tensor<DType>,
  from: Region,
  y: Tensor<DType>,
  to: Region,
): void {
  const merged = mergeAxes(shape, [from.strides, to.strides]);
  const n = sizeOf(shape);
  launchElements(
    y.device,
    op,
    COPY,
    n,
    [x, y],
    {
      n,
      x_start: from.start,
      y_start: to.start,
      shape: merged.shape,
      x_strides: merged.strides[0],
      y_strides: merged.strides[1],
    },
    { RANK: merged.shape.length },
  );
}

/** All of `tensor`. */
export function whole(tensor: { shape: Shape }): Region {
  return { start: 0, strides: stridesOf(tensor.shape) };
}

/** Every `step[i]`-th index of axis i from `start[i]` on. */
export function regionOf(shape: Shape, start: readonly number[], step: readonly number[]): Region {
  const strides = stridesOf(shape);
  return {
    start: start.reduce((sum, at, axis) => sum + at * strides[axis], 0),
    strides: strides.map((stride, axis) => stride * step[axis]),
  };
}

/** A tensor of `shape` (a new one, or `into`) that holds `x` in a region and `value` elsewhere. */
export function copyIntoRegion(
  op: string,
  x: Tensor,
  shape: Shape,
  region: Region,
  value = 0,
  into = Tensor.empty(shape, x.dtype, x.device, op),
): Tensor {
  fillConstant(op, into, value);
  stridedCopy(op, x.shape, x, whole(x), into, region);
  return into;
}

/** A region of `x` as a tensor of `shape` (a new one, or `into`). */
export function copyRegion(
  op: string,
  x: Tensor,
  shape: Shape,
  region: Region,
  into = Tensor.empty(shape, x.dtype, x.device, op),
): Tensor {
  stridedCopy(op, shape, x, region, into, whole(into));
  return into;
}
