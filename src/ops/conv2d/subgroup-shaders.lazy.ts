import conv2dRows from '../../../shaders/conv2d/conv2d_rows.wgsl?raw';
import conv2dRowsWeight from '../../../shaders/conv2d/conv2d_rows_weight.wgsl?raw';
import exactSum from '../../../shaders/conv2d/exact_sum.wgsl?raw';
import window from '../../../shaders/conv2d/window.wgsl?raw';
import activation from '../../../shaders/lib/activation.wgsl?raw';
import nan from '../../../shaders/lib/nan.wgsl?raw';

/** The sources of the kernels for CPU adapters, by the kernel's name. */
export const shaders = {
  conv2d_rows: [window, activation, nan, exactSum, conv2dRows],
  conv2d_rows_weight: [window, nan, conv2dRowsWeight],
};
