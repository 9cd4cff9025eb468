import sumPair from '../../shaders/autograd/sum_pair.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  sum_pair: [sumPair],
};
