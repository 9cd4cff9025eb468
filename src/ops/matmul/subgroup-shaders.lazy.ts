import activation from '../../../shaders/lib/activation.wgsl?raw';
import batch from '../../../shaders/lib/batch.wgsl?raw';
import matmulSubgroup from '../../../shaders/matmul/matmul_subgroup.wgsl?raw';

/** The sources of the kernels for CPU adapters, by the kernel's name. */
export const shaders = {
  matmul_subgroup: [batch, activation, matmulSubgroup],
};
