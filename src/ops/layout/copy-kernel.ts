import { fillConstant } from '../../tensor/create';
import { WGSL_TYPE } from '../../tensor/dtype';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { sizeOf, stridesOf, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { mergeAxes } from './strided';

const COPY = elementKernel('strided_copy', () => import('./shaders.lazy'), { multiItem: true });

/** A box inside a tensor: where it starts and how it is walked, in elements. */
export interface Box {
  readonly start: number;
  readonly strides: readonly number[];
}

/** Copies `shape` elements from a box of `x` to a box of `y`. The box of `y` must not overlap itself. */
export function stridedCopy(op: string, shape: Shape, x: Tensor, from: Box, y: Tensor, to: Box): void {
  const walk = mergeAxes(shape, [from.strides, to.strides]);
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
      shape: walk.shape,
      x_strides: walk.strides[0],
      y_strides: walk.strides[1],
    },
    { T: WGSL_TYPE[x.dtype], RANK: walk.shape.length },
  );
}

/** The box of all of `tensor`. */
export function whole(tensor: { shape: Shape }): Box {
  return { start: 0, strides: stridesOf(tensor.shape) };
}

/** Every `step[i]`-th index of axis i from `start[i]` on. */
export function boxOf(shape: Shape, start: readonly number[], step: readonly number[]): Box {
  const strides = stridesOf(shape);
  return {
    start: start.reduce((sum, at, axis) => sum + at * strides[axis], 0),
    strides: strides.map((stride, axis) => stride * step[axis]),
  };
}

/** A tensor of `shape` (made, or `into`) that is `value` but for a box that holds `x`. */
export function scatterBox(
  op: string,
  x: Tensor,
  shape: Shape,
  box: Box,
  value = 0,
  into = Tensor.empty(shape, x.dtype, x.device, op),
): Tensor {
  fillConstant(op, into, value);
  stridedCopy(op, x.shape, x, whole(x), into, box);
  return into;
}

/** A box of `x` as a tensor of `shape` (made, or `into`). */
export function gatherBox(
  op: string,
  x: Tensor,
  shape: Shape,
  box: Box,
  into = Tensor.empty(shape, x.dtype, x.device, op),
): Tensor {
  stridedCopy(op, shape, x, box, into, whole(into));
  return into;
}
