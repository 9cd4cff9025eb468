import type { Device } from '../runtime/device';

/**
 * Lanes of a workgroup that is one subgroup, for kernels whose lanes hand values to each other: 0 where the adapter has no single
 * subgroup size, or one that is too small or too large for their tiles.
 */
export const subgroupLanes = ({ info: { subgroupSize } }: Device): number =>
  subgroupSize >= 4 && subgroupSize <= 16 ? subgroupSize : 0;
