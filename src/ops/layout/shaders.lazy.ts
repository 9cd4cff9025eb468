import stridedCopy from '../../../shaders/layout/strided_copy.wgsl?raw';
import triangle from '../../../shaders/layout/triangle.wgsl?raw';
import strided from '../../../shaders/lib/strided.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  strided_copy: [strided, stridedCopy],
  triangle: [triangle],
};
