import conv2dForward from '../../../shaders/conv2d/conv2d_forward.wgsl?raw';
import conv2dInputGradient from '../../../shaders/conv2d/conv2d_input_gradient.wgsl?raw';
import conv2dWeightGradient from '../../../shaders/conv2d/conv2d_weight_gradient.wgsl?raw';
import general from '../../../shaders/conv2d/general.wgsl?raw';
import window from '../../../shaders/conv2d/window.wgsl?raw';
import activation from '../../../shaders/lib/activation.wgsl?raw';

/** The sources of the kernels that run everywhere, by the kernel's name. */
export const shaders = {
  conv2d_forward: [window, general, activation, conv2dForward],
  conv2d_input_gradient: [window, general, conv2dInputGradient],
  conv2d_weight_gradient: [window, general, conv2dWeightGradient],
};
