import type { Device } from '../../runtime/device';
import type { Tensor } from '../../tensor/tensor';
import { cut, sliceCount, type Slices } from './channel-slices';
import { subgroupLanes } from '../../variants/subgroup';

/** Lanes of a workgroup, which has one channel. On CPU adapters barriers are slow, to compile too: one subgroup needs none. */
export function lanesOf(device: Device): { WG: number; SUBGROUP: number } {
  if (device.info.kind === 'gpu') return { WG: 64, SUBGROUP: 0 };
  const lanes = subgroupLanes(device.info);
  return lanes > 0 ? { WG: lanes, SUBGROUP: 1 } : { WG: 8, SUBGROUP: 0 };
}

/** Elements that a lane adds up at most: longer sums lose digits. */
const LONGEST = 2048;
/** Lanes that keep an adapter of each kind busy, and elements below which splitting on is no gain. */
const BUSY = { cpu: 1024, gpu: 131072 } as const;
const SHORTEST = 16;
/** Elements of a lane up to which one workgroup does all of a channel in one dispatch. */
const WHOLE = { cpu: 256, gpu: 32 } as const;
/** Elements that a lane normalises, so that it loads the channel's numbers once for many. */
const RUN = { cpu: 64, gpu: 8 } as const;

/** Slices for a sum over each channel. */
export function sumSlices({ shape, size, device }: Tensor): Slices {
  const length = size / shape[1];
  const wanted = Math.min(Math.ceil(BUSY[device.info.kind] / shape[1]), Math.ceil(length / SHORTEST));
  return cut(shape, Math.max(Math.ceil(length / LONGEST), wanted));
}

/** Slices for work on single elements. */
export const elementSlices = ({ shape, size, device }: Tensor): Slices =>
  cut(shape, Math.ceil(size / shape[1] / RUN[device.info.kind]));

/** Slices for all of a channel in one workgroup, or null where it is too long for that. */
export function wholeSlices({ shape, size, device }: Tensor): Slices | null {
  const { WG } = lanesOf(device);
  if (size / shape[1] > WG * WHOLE[device.info.kind]) return null;
  const slices = cut(shape, WG);
  return sliceCount(slices) <= WG ? slices : null;
}

/** Workgroups of a channel. */
export const partsOf = (slices: Slices, { device }: Tensor): number =>
  Math.ceil(sliceCount(slices) / lanesOf(device).WG);
