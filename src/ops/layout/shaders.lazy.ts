import stridedCopy from '../../../shaders/layout/strided_copy.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  strided_copy: [stridedCopy],
};
