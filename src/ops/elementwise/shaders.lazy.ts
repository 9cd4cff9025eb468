import binary from '../../../shaders/elementwise/binary.wgsl?raw';
import cast from '../../../shaders/elementwise/cast.wgsl?raw';
import unary from '../../../shaders/elementwise/unary.wgsl?raw';
import where from '../../../shaders/elementwise/where.wgsl?raw';
import strided from '../../../shaders/lib/strided.wgsl?raw';
import trigonometry from '../../../shaders/lib/trigonometry.wgsl?raw';
import wide from '../../../shaders/lib/wide.wgsl?raw';
import ieee from '../../../shaders/lib/ieee.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  binary: [strided, ieee, binary],
  cast: [cast],
  unary: [ieee, wide, trigonometry, unary],
  where: [strided, where],
};
