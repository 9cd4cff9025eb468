import batchnormGrad from '../../../shaders/batchnorm/batchnorm_grad.wgsl?raw';
import batchnormNormalize from '../../../shaders/batchnorm/batchnorm_normalize.wgsl?raw';
import batchnormStats from '../../../shaders/batchnorm/batchnorm_stats.wgsl?raw';
import batchnormSums from '../../../shaders/batchnorm/batchnorm_sums.wgsl?raw';
import batchnormInput from '../../../shaders/lib/batchnorm_input.wgsl?raw';
import batchnormMoments from '../../../shaders/lib/batchnorm_moments.wgsl?raw';
import batchnormSlopes from '../../../shaders/lib/batchnorm_slopes.wgsl?raw';
import channelSlices from '../../../shaders/lib/channel_slices.wgsl?raw';
import dropout from '../../../shaders/lib/dropout.wgsl?raw';
import joinLanes from '../../../shaders/lib/join_lanes.wgsl?raw';
import joinParts from '../../../shaders/lib/join_parts.wgsl?raw';
import philox from '../../../shaders/lib/philox.wgsl?raw';

const WALK = [channelSlices, batchnormInput, joinLanes];
const DROPOUT = [philox, dropout];

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  batchnorm_grad: [...WALK, ...DROPOUT, batchnormSlopes, joinParts, batchnormGrad],
  batchnorm_normalize: [...WALK, ...DROPOUT, batchnormMoments, joinParts, batchnormNormalize],
  batchnorm_stats: [...WALK, batchnormMoments, batchnormStats],
  batchnorm_sums: [...WALK, ...DROPOUT, batchnormSlopes, batchnormSums],
};
