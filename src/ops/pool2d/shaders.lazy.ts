import dropout from '../../../shaders/lib/dropout.wgsl?raw';
import nan from '../../../shaders/lib/nan.wgsl?raw';
import philox from '../../../shaders/lib/philox.wgsl?raw';
import wide from '../../../shaders/lib/wide.wgsl?raw';
import avgPool2d from '../../../shaders/pool2d/avg_pool2d.wgsl?raw';
import maxPool2d from '../../../shaders/pool2d/max_pool2d.wgsl?raw';
import maxPool2dGrad from '../../../shaders/pool2d/max_pool2d_grad.wgsl?raw';
import windows from '../../../shaders/pool2d/windows.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  avg_pool2d: [windows, avgPool2d],
  max_pool2d: [nan, wide, philox, dropout, windows, maxPool2d],
  max_pool2d_grad: [windows, maxPool2dGrad],
};
