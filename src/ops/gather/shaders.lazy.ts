import check from '../../../shaders/lib/check.wgsl?raw';
import gather from '../../../shaders/gather/gather.wgsl?raw';
import gatherGrad from '../../../shaders/gather/gather_grad.wgsl?raw';
import sortOrder from '../../../shaders/gather/sort_order.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  gather: [check, gather],
  gather_grad: [gatherGrad],
  sort_order: [sortOrder],
};
