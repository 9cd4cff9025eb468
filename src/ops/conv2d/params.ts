import type { Params } from '../../wgsl/params';
import type { Conv2dGeometry } from './geometry';

/** The uniforms of conv2d/window.wgsl. */
export const windowParams = (geometry: Conv2dGeometry): Params => ({
  height: geometry.height,
  width: geometry.width,
  out_height: geometry.outHeight,
  out_width: geometry.outWidth,
  kernel_height: geometry.kernelHeight,
  kernel_width: geometry.kernelWidth,
  stride_h: geometry.strideH,
  stride_w: geometry.strideW,
  dilation_h: geometry.dilationH,
  dilation_w: geometry.dilationW,
  pad_top: geometry.padTop,
  pad_left: geometry.padLeft,
});

/**
 * The gradient to the input as a convolution of the output's gradient: with swapped channels and planes, steps of 1,
 * negative dilation and padding. Tap ky lies on row (iy + padTop - ky · dilationH) / strideH of that gradient, where
 * the division leaves no remainder.
 */
export const transposed = (geometry: Conv2dGeometry): Conv2dGeometry => ({
  ...geometry,
  inChannels: geometry.outChannels,
  outChannels: geometry.inChannels,
  height: geometry.outHeight,
  width: geometry.outWidth,
  outHeight: geometry.height,
  outWidth: geometry.width,
  strideH: 1,
  strideW: 1,
  dilationH: -geometry.dilationH,
  dilationW: -geometry.dilationW,
  padTop: -geometry.padTop,
  padLeft: -geometry.padLeft,
});

/**
 * Arithmetic operations of the output, and of either gradient: a multiply-add for each output and tap, zeros of the
 * padding too.
 */
export function conv2dFlops(geometry: Conv2dGeometry): number {
  const { batch, inChannels, outChannels, groups, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  return 2 * batch * outChannels * outHeight * outWidth * (inChannels / groups) * kernelHeight * kernelWidth;
}
