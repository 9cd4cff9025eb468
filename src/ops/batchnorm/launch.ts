import type { Kernel } from '../../runtime/kernels/kernel';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import type { DType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';
import type { Params } from '../../wgsl/params';
import type { Defines } from '../../wgsl/template';
import type { Dropout } from '../dropout/draw';
import type { ChannelSlices } from './channel-slices';
import { lanesOf } from './slice-plan';

const NAME = 'batchNorm';

/** What is computed in the same kernels: a ReLU before the normalisation, a dropout after it. */
export interface Fused {
  readonly relu: boolean;
  readonly dropout: Dropout | null;
}

/** Elements that one block of random numbers serves. */
const BLOCK = 4;

/** Whether the kernels can do the dropout too: of x `[N, C]` with whole blocks in a row. On planes it gains nothing. */
export const fusesDropout = ({ shape, size }: Tensor): boolean =>
  size === shape[0] * shape[1] && shape[1] % BLOCK === 0;

interface ChannelLaunch {
  readonly kernel: Kernel;
  readonly slices: ChannelSlices;
  /** Workgroups for each channel, or for each four of them with a dropout. */
  readonly workgroups: number;
  readonly fused: Fused;
  /** The uniforms of the dropout, for each run of the kernel anew. */
  readonly dropoutParams: (dropout: Dropout) => Params;
  /** In the order of the bindings; what is not there is not bound. */
  readonly tensors: readonly [Tensor, ...(Tensor<DType> | null | undefined)[]];
  readonly params?: Params;
  readonly defines?: Defines;
}

export function launchChannels(launch: ChannelLaunch): void {
  const { slices, workgroups, fused, dropoutParams, tensors } = launch;
  const { relu, dropout } = fused;
  const { device } = tensors[0];
  const together = dropout ? BLOCK : 1;
  const channels = slices.channels / together;
  const fixed = { ...slices, channels, parts: workgroups, ...launch.params };
  device.launch({
    op: NAME,
    kernel: launch.kernel,
    defines: {
      ...launch.defines,
      ...lanesOf(device),
      CHANNELS: together,
      RELU: Number(relu),
      DROPOUT: Number(dropout !== null),
    },
    params: dropout ? () => ({ ...fixed, ...dropoutParams(dropout) }) : fixed,
    views: tensors.filter((tensor) => tensor != null).map((tensor) => tensor.view),
    workgroups: foldWorkgroups(channels * workgroups),
  });
}

export const emptyLike = (x: Tensor, shape: readonly number[]): Tensor =>
  Tensor.empty(shape, 'float32', x.device, NAME);
