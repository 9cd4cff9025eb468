import addScaled from '../../shaders/metrics/add_scaled.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  add_scaled: [addScaled],
};
