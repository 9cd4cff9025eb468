import gradSource from '../../shaders/batchnorm_grad.wgsl?raw';
import normalizeSource from '../../shaders/batchnorm_normalize.wgsl?raw';
import statsSource from '../../shaders/batchnorm_stats.wgsl?raw';
import sumsSource from '../../shaders/batchnorm_sums.wgsl?raw';
import inputSource from '../../shaders/lib/batchnorm_input.wgsl?raw';
import momentsSource from '../../shaders/lib/batchnorm_moments.wgsl?raw';
import slopesSource from '../../shaders/lib/batchnorm_slopes.wgsl?raw';
import slicesSource from '../../shaders/lib/channel_slices.wgsl?raw';
import keptSource from '../../shaders/lib/dropout.wgsl?raw';
import joinSource from '../../shaders/lib/join_lanes.wgsl?raw';
import philoxSource from '../../shaders/lib/philox.wgsl?raw';
import { linear, type Device } from '../runtime/device';
import type { Params } from '../runtime/params';
import { kernel, type Kernel } from '../runtime/pipelines';
import type { Defines } from '../runtime/template';
import { Tensor } from '../tensor/tensor';
import { cut, sliceCount, type Slices } from './channel-slices';
import { drawDropout, dropoutParams, type Dropout } from './dropout-draw';

const WALK = [slicesSource, inputSource, joinSource];
const RANDOM = [philoxSource, keptSource];
const STATS = kernel('batchnorm_stats', ...WALK, momentsSource, statsSource);
const SUMS = kernel('batchnorm_sums', ...WALK, ...RANDOM, slopesSource, sumsSource);
const NORMALIZE = kernel('batchnorm_normalize', ...WALK, ...RANDOM, momentsSource, normalizeSource);
const GRAD = kernel('batchnorm_grad', ...WALK, ...RANDOM, slopesSource, gradSource);

const NAME = 'batchNorm';

/** Lanes of a workgroup, which has one channel. On CPU adapters barriers are slow, to compile too: one subgroup needs none. */
function lanesOf({ info: { kind, subgroupSize } }: Device): { WG: number; SUBGROUP: number } {
  if (kind === 'gpu') return { WG: 64, SUBGROUP: 0 };
  return subgroupSize >= 4 && subgroupSize <= 16 ? { WG: subgroupSize, SUBGROUP: 1 } : { WG: 8, SUBGROUP: 0 };
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

/** Running statistics that a training step moves on. */
export interface Running {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** int32, counts the training batches. */
  readonly tracked: Tensor | null;
}

/** What is folded into the kernels: a ReLU in front of the normalisation, a dropout behind it. */
export interface Folded {
  readonly relu: boolean;
  readonly dropout: Dropout | null;
}

/** The sums over a channel in two dispatches, in one, or not at all: STATS and SUMS of the kernels. */
const [PARTS, AT_HAND, NONE] = [0, 1, 2];

/** Slices for a sum over each channel. */
function sumSlices({ shape, size, device }: Tensor): Slices {
  const length = size / shape[1];
  const wanted = Math.min(Math.ceil(BUSY[device.info.kind] / shape[1]), Math.ceil(length / SHORTEST));
  return cut(shape, Math.max(Math.ceil(length / LONGEST), wanted));
}

/** Slices for work on single elements. */
const elementSlices = ({ shape, size, device }: Tensor): Slices =>
  cut(shape, Math.ceil(size / shape[1] / RUN[device.info.kind]));

/** Slices for all of a channel in one workgroup, or null where it is too long for that. */
function wholeSlices({ shape, size, device }: Tensor): Slices | null {
  const { WG } = lanesOf(device);
  if (size / shape[1] > WG * WHOLE[device.info.kind]) return null;
  const slices = cut(shape, WG);
  return sliceCount(slices) <= WG ? slices : null;
}

/** Workgroups of a channel. */
const partsOf = (slices: Slices, { device }: Tensor): number => Math.ceil(sliceCount(slices) / lanesOf(device).WG);

/** Elements that a block of random numbers serves. */
const BLOCK = 4;

/** Whether the kernels can do the dropout too: of x `[N, C]` with whole blocks in a row. On planes it gains nothing. */
export const foldsDropout = ({ shape, size }: Tensor): boolean =>
  size === shape[0] * shape[1] && shape[1] % BLOCK === 0;

/** One launch with `parts` workgroups for each channel, or for each four where a dropout is folded in. */
function launchWalk(
  walk: Kernel,
  slices: Slices,
  parts: number,
  { relu, dropout }: Folded,
  tensors: readonly Tensor[],
  drawn: (dropout: Dropout) => Params,
  extra: Params,
  defines: Defines,
): void {
  const [{ device }] = tensors;
  const together = dropout ? BLOCK : 1;
  const channels = slices.channels / together;
  const fixed = { ...slices, channels, parts, ...extra };
  device.launch({
    op: NAME,
    kernel: walk,
    defines: {
      ...defines,
      ...lanesOf(device),
      CHANNELS: together,
      RELU: relu ? 1 : 0,
      DROPOUT: dropout ? 1 : 0,
    },
    params: dropout ? () => ({ ...fixed, ...drawn(dropout) }) : fixed,
    views: tensors.map((tensor) => tensor.view),
    groups: linear(channels * parts),
  });
}

const empty = (shape: readonly number[], x: Tensor): Tensor => Tensor.empty(shape, 'float32', x.device, NAME);
const present = (...tensors: readonly (Tensor | null | undefined)[]): Tensor[] => tensors.filter((t) => t) as Tensor[];

/**
 * Writes y. With `training` by the statistics of the batch, moving the running ones on where there are any; else by the running
 * ones. Its dropout draws new random numbers. Returns mean and 1/deviation of each channel, `[2, C]`.
 */
export function normalize(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  { running, training, momentum, eps }: { running: Running | null; training: boolean; momentum: number; eps: number },
  folded: Folded,
  y: Tensor,
): Tensor {
  const tracked = training ? running?.tracked : null;
  const whole = training ? wholeSlices(x) : null;
  let partial: Tensor | null = null;
  let statsParts = 0;
  if (training && !whole) {
    const slices = sumSlices(x);
    statsParts = partsOf(slices, x);
    partial = empty([slices.channels, statsParts, 3], x);
    const walk = { relu: folded.relu, dropout: null };
    const defines = { TRACKED: tracked ? 1 : 0 };
    launchWalk(STATS, slices, statsParts, walk, present(x, partial, tracked), dropoutParams, {}, defines);
  }
  const stats = empty([2, x.shape[1]], x);
  const slices = whole ?? elementSlices(x);
  const counts = whole ? tracked : null;
  launchWalk(
    NORMALIZE,
    slices,
    partsOf(slices, x),
    folded,
    present(x, y, stats, partial, running?.mean, running?.variance, counts, weight, bias),
    (dropout) => drawDropout(dropout, y.device, y.size),
    { stats_parts: statsParts, momentum, eps },
    {
      STATS: !training ? NONE : whole ? AT_HAND : PARTS,
      RUNNING: running ? 1 : 0,
      TRACKED: counts ? 1 : 0,
      WEIGHT: weight ? 1 : 0,
      BIAS: bias ? 1 : 0,
    },
  );
  partial?.dispose();
  return stats;
}

/** Where the gradients of a channel go: Σ dy is that of the bias, Σ dy · xhat that of the weight. */
export interface Gradients {
  readonly dx: Tensor | null;
  /** Wanted where `dx` is and mean and deviation came from the batch. */
  readonly sums: { readonly dy: Tensor; readonly dyXhat: Tensor } | null;
}

/** Writes the gradients, of which there is at least one. */
export function gradients(
  x: Tensor,
  dy: Tensor,
  stats: Tensor,
  weight: Tensor | null,
  training: boolean,
  folded: Folded,
  { dx, sums }: Gradients,
): void {
  const whole = sums ? wholeSlices(x) : null;
  let partial: Tensor | null = null;
  let sumsParts = 0;
  if (sums && !whole) {
    const slices = sumSlices(x);
    sumsParts = partsOf(slices, x);
    partial = empty([slices.channels, sumsParts, 2], x);
    launchWalk(SUMS, slices, sumsParts, folded, [x, dy, stats, partial], dropoutParams, {}, {});
  }
  const slices = whole ?? elementSlices(x);
  launchWalk(
    GRAD,
    slices,
    dx ? partsOf(slices, x) : 1,
    folded,
    present(x, dy, stats, dx, sums?.dy, sums?.dyXhat, partial, weight),
    dropoutParams,
    { sums_parts: sumsParts, over_count: x.shape[1] / x.size },
    {
      INPUT: dx ? 1 : 0,
      SUMS: !sums ? NONE : whole ? AT_HAND : PARTS,
      TRAINING: training ? 1 : 0,
      WEIGHT: weight ? 1 : 0,
    },
  );
  partial?.dispose();
}
