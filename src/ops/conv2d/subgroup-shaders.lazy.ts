import conv2dRows from '../../../shaders/conv2d/conv2d_rows.wgsl?raw';
import conv2dRowsWeight from '../../../shaders/conv2d/conv2d_rows_weight.wgsl?raw';
import window from '../../../shaders/conv2d/window.wgsl?raw';
import activation from '../../../shaders/lib/activation.wgsl?raw';

/** The sources of the kernels for CPU adapters, by the kernel's name. */
export const shaders = {
  conv2d_rows: [window, activation, conv2dRows],
  conv2d_rows_weight: [window, conv2dRowsWeight],
};
