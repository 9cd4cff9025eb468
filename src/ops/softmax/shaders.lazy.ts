import orderKey from '../../../shaders/lib/order_key.wgsl?raw';
import rows from '../../../shaders/lib/rows.wgsl?raw';
import softmax from '../../../shaders/softmax/softmax.wgsl?raw';
import softmaxGrad from '../../../shaders/softmax/softmax_grad.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  softmax: [orderKey, rows, softmax],
  softmax_grad: [rows, softmaxGrad],
};
