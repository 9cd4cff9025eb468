import activation from '../../../shaders/lib/activation.wgsl?raw';
import matmulSubgroup from '../../../shaders/matmul/matmul_subgroup.wgsl?raw';
import operands from '../../../shaders/matmul/operands.wgsl?raw';
import size from '../../../shaders/matmul/size.wgsl?raw';

/** The sources of the kernels for CPU adapters, by the kernel's name. */
export const shaders = {
  matmul_subgroup: [size, operands, activation, matmulSubgroup],
};
