import type { Device } from '../../runtime/device';
import type { Tensor } from '../../tensor/tensor';
import {
  BUSY_CHANNEL_LANES,
  LONGEST_CHANNEL_SUM,
  NORMALISED_ELEMENTS,
  SHORTEST_CHANNEL_SUM,
  SINGLE_WORKGROUP_SUM,
} from '../../variants/cost-model';
import { subgroupLanes } from '../../variants/subgroup';
import { cutChannels, sliceCount, type ChannelSlices } from './channel-slices';

/** Lanes of a workgroup, which serves one channel. Barriers are slow on CPU adapters, and slow to compile: one subgroup needs none. */
export function lanesOf(device: Device): { WG: number; SUBGROUP: number } {
  if (device.info.kind === 'gpu') return { WG: 64, SUBGROUP: 0 };
  const lanes = subgroupLanes(device.info);
  return lanes > 0 ? { WG: lanes, SUBGROUP: 1 } : { WG: 8, SUBGROUP: 0 };
}

/** Slices for a sum over each channel of x. */
export function summingSlices({ shape, size, device }: Tensor): ChannelSlices {
  const length = size / shape[1];
  const busy = Math.min(
    Math.ceil(BUSY_CHANNEL_LANES[device.info.kind] / shape[1]),
    Math.ceil(length / SHORTEST_CHANNEL_SUM),
  );
  return cutChannels(shape, Math.max(Math.ceil(length / LONGEST_CHANNEL_SUM), busy));
}

/** Slices for work on the single elements of x. */
export const elementSlices = ({ shape, size, device }: Tensor): ChannelSlices =>
  cutChannels(shape, Math.ceil(size / shape[1] / NORMALISED_ELEMENTS[device.info.kind]));

/** Slices for a workgroup that does all of a channel of x, or null where the channel is too long for one. */
export function singleWorkgroupSlices({ shape, size, device }: Tensor): ChannelSlices | null {
  const { WG } = lanesOf(device);
  if (size / shape[1] > WG * SINGLE_WORKGROUP_SUM[device.info.kind]) return null;
  const slices = cutChannels(shape, WG);
  return sliceCount(slices) <= WG ? slices : null;
}

/** Workgroups of a channel. */
export const workgroupsOf = (slices: ChannelSlices, { device }: Tensor): number =>
  Math.ceil(sliceCount(slices) / lanesOf(device).WG);
