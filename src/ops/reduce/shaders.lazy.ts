import orderKey from '../../../shaders/lib/order_key.wgsl?raw';
import argmax from '../../../shaders/reduce/argmax.wgsl?raw';
import cumsum from '../../../shaders/reduce/cumsum.wgsl?raw';
import reduce from '../../../shaders/reduce/reduce.wgsl?raw';
import sumPartials from '../../../shaders/reduce/sum_partials.wgsl?raw';
import strided from '../../../shaders/lib/strided.wgsl?raw';
import ieee from '../../../shaders/lib/ieee.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  argmax: [orderKey, argmax],
  cumsum: [cumsum],
  reduce: [strided, ieee, reduce],
  sum_partials: [sumPartials],
};
