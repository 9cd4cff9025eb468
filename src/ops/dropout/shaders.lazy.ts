import dropout from '../../../shaders/dropout/dropout.wgsl?raw';
import dropoutLibrary from '../../../shaders/lib/dropout.wgsl?raw';
import philox from '../../../shaders/lib/philox.wgsl?raw';
import wide from '../../../shaders/lib/wide.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  dropout: [wide, philox, dropoutLibrary, dropout],
};
