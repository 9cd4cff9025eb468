import batchnormGrad from '../../../shaders/batchnorm/batchnorm_grad.wgsl?raw';
import batchnormNormalize from '../../../shaders/batchnorm/batchnorm_normalize.wgsl?raw';
import batchnormStats from '../../../shaders/batchnorm/batchnorm_stats.wgsl?raw';
import batchnormSums from '../../../shaders/batchnorm/batchnorm_sums.wgsl?raw';
import channelSlices from '../../../shaders/batchnorm/channel_slices.wgsl?raw';
import gradientSums from '../../../shaders/batchnorm/gradient_sums.wgsl?raw';
import input from '../../../shaders/batchnorm/input.wgsl?raw';
import joinLanes from '../../../shaders/batchnorm/join_lanes.wgsl?raw';
import joinParts from '../../../shaders/batchnorm/join_parts.wgsl?raw';
import moments from '../../../shaders/batchnorm/moments.wgsl?raw';
import dropout from '../../../shaders/lib/dropout.wgsl?raw';
import nan from '../../../shaders/lib/nan.wgsl?raw';
import philox from '../../../shaders/lib/philox.wgsl?raw';
import wide from '../../../shaders/lib/wide.wgsl?raw';

const CHANNELS = [nan, channelSlices, input, joinLanes];
const DROPOUT = [wide, philox, dropout];

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  batchnorm_grad: [...CHANNELS, ...DROPOUT, gradientSums, joinParts, batchnormGrad],
  batchnorm_normalize: [...CHANNELS, ...DROPOUT, moments, joinParts, batchnormNormalize],
  batchnorm_stats: [...CHANNELS, moments, batchnormStats],
  batchnorm_sums: [...CHANNELS, ...DROPOUT, gradientSums, batchnormSums],
};
