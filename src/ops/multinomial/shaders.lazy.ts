import check from '../../../shaders/lib/check.wgsl?raw';
import philox from '../../../shaders/lib/philox.wgsl?raw';
import wide from '../../../shaders/lib/wide.wgsl?raw';
import multinomial from '../../../shaders/multinomial/multinomial.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  multinomial: [wide, philox, check, multinomial],
};
