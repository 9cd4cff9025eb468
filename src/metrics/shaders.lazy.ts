import check from '../../shaders/lib/check.wgsl?raw';
import orderKey from '../../shaders/lib/order_key.wgsl?raw';
import accuracy from '../../shaders/metrics/accuracy.wgsl?raw';
import countClasses from '../../shaders/metrics/count_classes.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  accuracy: [accuracy],
  count_classes: [check, orderKey, countClasses],
};
