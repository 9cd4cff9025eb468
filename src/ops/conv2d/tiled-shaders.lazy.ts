import conv2dTiled from '../../../shaders/conv2d/conv2d_tiled.wgsl?raw';
import conv2dTiledWeight from '../../../shaders/conv2d/conv2d_tiled_weight.wgsl?raw';
import activation from '../../../shaders/lib/activation.wgsl?raw';
import tileProduct from '../../../shaders/lib/tile_product.wgsl?raw';

/** The sources of the kernels for GPU adapters, by the kernel's name. */
export const shaders = {
  conv2d_tiled: [tileProduct, activation, conv2dTiled],
  conv2d_tiled_weight: [tileProduct, conv2dTiledWeight],
};
