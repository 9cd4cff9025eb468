import conv2dTiled from '../../../shaders/conv2d/conv2d_tiled.wgsl?raw';
import conv2dTiledWeight from '../../../shaders/conv2d/conv2d_tiled_weight.wgsl?raw';
import exactSum from '../../../shaders/conv2d/exact_sum.wgsl?raw';
import window from '../../../shaders/conv2d/window.wgsl?raw';
import activation from '../../../shaders/lib/activation.wgsl?raw';
import nan from '../../../shaders/lib/nan.wgsl?raw';
import size from '../../../shaders/matmul/size.wgsl?raw';
import tileProduct from '../../../shaders/matmul/tile_product.wgsl?raw';

/** The sources of the kernels for GPU adapters, by the kernel's name. */
export const shaders = {
  conv2d_tiled: [size, tileProduct, window, activation, nan, exactSum, conv2dTiled],
  conv2d_tiled_weight: [size, tileProduct, window, nan, conv2dTiledWeight],
};
