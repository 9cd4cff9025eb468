import upsample from '../../../shaders/upsample/upsample.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  upsample: [upsample],
};
