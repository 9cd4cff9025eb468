import activation from '../../../shaders/lib/activation.wgsl?raw';
import batch from '../../../shaders/lib/batch.wgsl?raw';
import tileProduct from '../../../shaders/lib/tile_product.wgsl?raw';
import matmulSlices from '../../../shaders/matmul/matmul_slices.wgsl?raw';
import matmulTiled from '../../../shaders/matmul/matmul_tiled.wgsl?raw';

/** The sources of the kernels for GPU adapters, by the kernel's name. */
export const shaders = {
  matmul_slices: [activation, matmulSlices],
  matmul_tiled: [tileProduct, batch, activation, matmulTiled],
};
