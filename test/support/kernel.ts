import { kernel, type Kernel } from '../../src/runtime/kernels/kernel';

/** A kernel whose text stands in the test. */
export const inlineKernel = (name: string, wgsl: string): Kernel =>
  kernel(name, () => Promise.resolve({ shaders: { [name]: [wgsl] } }));
