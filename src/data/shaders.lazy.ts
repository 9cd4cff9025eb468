import unpackBytes from '../../shaders/data/unpack_bytes.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  unpack_bytes: [unpackBytes],
};
