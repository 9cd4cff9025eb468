import activation from '../../../shaders/lib/activation.wgsl?raw';
import batch from '../../../shaders/lib/batch.wgsl?raw';
import matmul from '../../../shaders/matmul/matmul.wgsl?raw';

/** The sources of the kernels that run everywhere, by the kernel's name. */
export const shaders = {
  matmul: [batch, activation, matmul],
};
