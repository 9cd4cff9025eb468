import activation from '../../../shaders/lib/activation.wgsl?raw';
import matmul from '../../../shaders/matmul/matmul.wgsl?raw';
import operands from '../../../shaders/matmul/operands.wgsl?raw';
import size from '../../../shaders/matmul/size.wgsl?raw';

/** The sources of the kernels that run everywhere, by the kernel's name. */
export const shaders = {
  matmul: [size, operands, activation, matmul],
};
