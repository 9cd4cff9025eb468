import conv2dForward from '../../../shaders/conv2d/conv2d_forward.wgsl?raw';
import conv2dInputGradient from '../../../shaders/conv2d/conv2d_input_gradient.wgsl?raw';
import conv2dWeightGradient from '../../../shaders/conv2d/conv2d_weight_gradient.wgsl?raw';
import activation from '../../../shaders/lib/activation.wgsl?raw';
import conv2d from '../../../shaders/lib/conv2d.wgsl?raw';

/** The sources of the kernels that run everywhere, by the kernel's name. */
export const shaders = {
  conv2d_forward: [conv2d, activation, conv2dForward],
  conv2d_input_gradient: [conv2d, conv2dInputGradient],
  conv2d_weight_gradient: [conv2d, conv2dWeightGradient],
};
