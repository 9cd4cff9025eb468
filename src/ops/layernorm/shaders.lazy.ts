import layerNorm from '../../../shaders/layernorm/layer_norm.wgsl?raw';
import layerNormSums from '../../../shaders/layernorm/layer_norm_sums.wgsl?raw';
import nan from '../../../shaders/lib/nan.wgsl?raw';
import rows from '../../../shaders/lib/rows.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  layer_norm: [nan, rows, layerNorm],
  layer_norm_sums: [layerNormSums],
};
