import nan from '../../shaders/lib/nan.wgsl?raw';
import adam from '../../shaders/optim/adam.wgsl?raw';
import gradClip from '../../shaders/optim/grad_clip.wgsl?raw';
import gradNorm from '../../shaders/optim/grad_norm.wgsl?raw';
import sgd from '../../shaders/optim/sgd.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  adam: [adam],
  grad_clip: [nan, gradClip],
  grad_norm: [gradNorm],
  sgd: [sgd],
};
