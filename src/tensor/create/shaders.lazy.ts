import fill from '../../../shaders/create/fill.wgsl?raw';
import randint from '../../../shaders/create/randint.wgsl?raw';
import random from '../../../shaders/create/random.wgsl?raw';
import philox from '../../../shaders/lib/philox.wgsl?raw';
import wide from '../../../shaders/lib/wide.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  fill: [fill],
  randint: [wide, philox, randint],
  random: [wide, philox, random],
};
