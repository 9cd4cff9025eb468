import type { Params } from '../../wgsl/params';
import type { DType } from '../../tensor/dtype';
import { formatShape, ShapeError, type Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { MAX_POOL2D_BLOCK } from '../../variants/cost-model';
import { countWindows, pairOf, type Pair } from '../window';

export interface PoolAttrs {
  readonly kernel: number | Pair;
  readonly stride: number | Pair;
  readonly padding: number | Pair;
}

export function checkInput(op: string, { shape, dtype }: Tensor<DType>): void {
  if (dtype !== 'float32') throw new TypeError(`${op}: expected input of float32, got ${dtype}`);
  if (shape.length !== 4) throw new ShapeError(`${op}: expected input [N, C, H, W], got ${formatShape(shape)}`);
}

export interface PoolGeometry {
  readonly shape: readonly number[];
  /** The uniforms that all kernels of the family have. */
  readonly sizes: Params;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  /** Invocations of the backward kernel, and whether each writes a block of the plane or one element. */
  readonly backward: { readonly count: number; readonly blocks: 0 | 1 };
}

/** All sizes of one pooling. Throws `ShapeError` when settings do not fit. */
export function poolGeometry(op: string, shape: Shape, attrs: PoolAttrs, dilationSetting: number | Pair): PoolGeometry {
  const kernel = pairOf(op, 'kernel', attrs.kernel, 1);
  const stride = pairOf(op, 'stride', attrs.stride, 1);
  const padding = pairOf(op, 'padding', attrs.padding, 0);
  const dilation = pairOf(op, 'dilation', dilationSetting, 1);
  if (2 * padding[0] > kernel[0] || 2 * padding[1] > kernel[1]) {
    throw new ShapeError(`${op}: padding ${formatShape(padding)} is more than half of kernel ${formatShape(kernel)}`);
  }
  const [batch, channels, height, width] = shape;
  const window = { kernel, stride, dilation, before: padding, after: padding };
  const [outHeight, outWidth] = countWindows(op, [height, width], window);
  const disjoint = ([0, 1] as const).every((axis) => stride[axis] >= dilation[axis] * (kernel[axis] - 1) + 1);
  const blocks = disjoint && stride[0] * stride[1] <= MAX_POOL2D_BLOCK;
  const blocksH = Math.ceil((height + padding[0]) / stride[0]);
  const blocksW = Math.ceil((width + padding[1]) / stride[1]);
  const sizes = {
    height,
    width,
    out_height: outHeight,
    out_width: outWidth,
    kernel_height: kernel[0],
    kernel_width: kernel[1],
    stride_h: stride[0],
    stride_w: stride[1],
    pad_h: padding[0],
    pad_w: padding[1],
    blocks_h: blocksH,
    blocks_w: blocksW,
  };
  const count = batch * channels * (blocks ? blocksH * blocksW : height * width);
  return {
    shape: [batch, channels, outHeight, outWidth],
    sizes,
    kernel,
    stride,
    dilation,
    padding,
    backward: { count, blocks: blocks ? 1 : 0 },
  };
}
