import type { AdapterInfo } from '../device/gpu';

/**
 * Lanes of a workgroup that is exactly one subgroup, for kernels whose lanes exchange values. 0 when the adapter has
 * several subgroup sizes, or one that is too small or too large for the tiles of these kernels.
 */
export const subgroupLanes = ({ subgroupSize }: AdapterInfo): number =>
  subgroupSize >= 4 && subgroupSize <= 16 ? subgroupSize : 0;
