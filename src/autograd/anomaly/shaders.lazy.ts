import find from '../../../shaders/autograd/anomaly_find.wgsl?raw';
import ranges from '../../../shaders/autograd/anomaly_ranges.wgsl?raw';
import orderKey from '../../../shaders/lib/order_key.wgsl?raw';
import vector from '../../../shaders/lib/vector.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  anomaly_find: [vector, find],
  anomaly_ranges: [orderKey, ranges],
};
