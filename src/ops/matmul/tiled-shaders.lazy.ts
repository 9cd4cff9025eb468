import activation from '../../../shaders/lib/activation.wgsl?raw';
import matmulSlices from '../../../shaders/matmul/matmul_slices.wgsl?raw';
import matmulTiled from '../../../shaders/matmul/matmul_tiled.wgsl?raw';
import operands from '../../../shaders/matmul/operands.wgsl?raw';
import size from '../../../shaders/matmul/size.wgsl?raw';
import tileProduct from '../../../shaders/matmul/tile_product.wgsl?raw';

/** The sources of the kernels for GPU adapters, by the kernel's name. */
export const shaders = {
  matmul_slices: [activation, matmulSlices],
  matmul_tiled: [size, tileProduct, operands, activation, matmulTiled],
};
