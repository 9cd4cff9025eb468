import finishSource from '../../shaders/batchnorm_finish.wgsl?raw';
import gradSource from '../../shaders/batchnorm_grad.wgsl?raw';
import normalizeSource from '../../shaders/batchnorm_normalize.wgsl?raw';
import runningSource from '../../shaders/batchnorm_running.wgsl?raw';
import statsSource from '../../shaders/batchnorm_stats.wgsl?raw';
import sumsSource from '../../shaders/batchnorm_sums.wgsl?raw';
import slicesSource from '../../shaders/lib/channel_slices.wgsl?raw';
import momentsSource from '../../shaders/lib/moments.wgsl?raw';
import { linear } from '../runtime/device';
import type { Params } from '../runtime/params';
import { elementKernel, launchElements } from '../tensor/launch';
import { Tensor } from '../tensor/tensor';
import { cut, sliceCount, type Slices } from './channel-slices';

const STATS = elementKernel('batchnorm_stats', slicesSource, momentsSource, statsSource);
const SUMS = elementKernel('batchnorm_sums', slicesSource, sumsSource);
const FINISH = elementKernel('batchnorm_finish', slicesSource, momentsSource, finishSource);
const RUNNING = elementKernel('batchnorm_running', runningSource);
const NORMALIZE = elementKernel('batchnorm_normalize', slicesSource, normalizeSource);
const GRAD = elementKernel('batchnorm_grad', slicesSource, gradSource);

const NAME = 'batchNorm';

/** Elements that one invocation adds up at most: longer sums lose digits. */
const LONGEST = 2048;
/** Invocations that keep an adapter of each kind busy, and elements below which splitting on is no gain. */
const BUSY = { cpu: 1024, gpu: 32768 } as const;
const SHORTEST = 16;
/** Elements that an invocation normalises, so that it loads the channel's numbers once for many. */
const RUN = { cpu: 64, gpu: 8 } as const;
/** Slices from which on a channel is joined by so many invocations together: barriers are slow on CPU adapters. */
const LANES = 64;

/** Running statistics that a training step moves on. */
export interface Running {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** int32, counts the training batches. */
  readonly tracked: Tensor | null;
}

function reduction(x: Tensor): Slices {
  const [, channels] = x.shape;
  const length = x.size / channels;
  const wanted = Math.min(Math.ceil(BUSY[x.device.info.kind] / channels), Math.ceil(length / SHORTEST));
  return cut(x.shape, Math.max(Math.ceil(length / LONGEST), wanted));
}

function finish(slices: Slices, tensors: readonly Tensor[], params: Params, defines: Record<string, number>): void {
  const lanes = sliceCount(slices) >= LANES ? LANES : 1;
  const [{ device }] = tensors;
  const all = { ...slices, ...params };
  if (lanes === 1) {
    launchElements(device, NAME, FINISH, slices.channels, tensors, all, { ...defines, LANES: 1 });
    return;
  }
  device.launch({
    op: NAME,
    kernel: FINISH,
    defines: { ...defines, WG: lanes, ITEMS: 1, LANES: lanes },
    params: all,
    views: tensors.map((tensor) => tensor.view),
    groups: linear(slices.channels),
  });
}

const statsOf = (x: Tensor): Tensor => Tensor.empty([2, x.shape[1]], 'float32', x.device, NAME);

const partialsOf = (x: Tensor, slices: Slices): Tensor =>
  Tensor.empty([slices.channels * sliceCount(slices), 2], 'float32', x.device, NAME);

/** Mean and 1/deviation of each channel of the batch, as `[2, C]`; moves the running statistics on. */
export function batchStatistics(x: Tensor, running: Running | null, momentum: number, eps: number): Tensor {
  const slices = reduction(x);
  const partials = partialsOf(x, slices);
  const count = slices.channels * sliceCount(slices);
  launchElements(x.device, NAME, STATS, count, [x, partials], { ...slices });
  const stats = statsOf(x);
  const tracked = running?.tracked;
  finish(
    slices,
    [partials, stats, ...(running ? [running.mean, running.variance] : []), ...(tracked ? [tracked] : [])],
    { momentum, eps },
    { GRAD: 0, RUNNING: running ? 1 : 0, TRACKED: tracked ? 1 : 0 },
  );
  partials.dispose();
  return stats;
}

/** Mean and 1/deviation of each channel from the running statistics, as `[2, C]`. */
export function runningStatistics(x: Tensor, running: Running, eps: number): Tensor {
  const stats = statsOf(x);
  const [, channels] = x.shape;
  launchElements(x.device, NAME, RUNNING, channels, [running.mean, running.variance, stats], { channels, eps });
  return stats;
}

export function normalize(x: Tensor, stats: Tensor, weight: Tensor | null, bias: Tensor | null, y: Tensor): void {
  const slices = cut(x.shape, Math.ceil(x.size / x.shape[1] / RUN[x.device.info.kind]));
  const tensors = [x, stats, ...(weight ? [weight] : []), ...(bias ? [bias] : []), y];
  const defines = { WEIGHT: weight ? 1 : 0, BIAS: bias ? 1 : 0 };
  launchElements(x.device, NAME, NORMALIZE, slices.channels * sliceCount(slices), tensors, { ...slices }, defines);
}

/** Writes Σ dy and Σ dy · xhat of each channel: the gradients of bias and weight. */
export function gradientSums(x: Tensor, dy: Tensor, stats: Tensor, sumDy: Tensor, sumDyXhat: Tensor): void {
  const slices = reduction(x);
  const partials = partialsOf(x, slices);
  const count = slices.channels * sliceCount(slices);
  launchElements(x.device, NAME, SUMS, count, [x, dy, stats, partials], { ...slices });
  finish(slices, [partials, stats, sumDy, sumDyXhat], {}, { GRAD: 1 });
  partials.dispose();
}

/** Writes dx; `batch` holds what is needed where the statistics came from the batch itself. */
export function inputGradient(
  dy: Tensor,
  stats: Tensor,
  weight: Tensor | null,
  batch: { x: Tensor; sumDy: Tensor; sumDyXhat: Tensor } | null,
  dx: Tensor,
): void {
  const length = dy.size / dy.shape[1];
  const slices = cut(dy.shape, Math.ceil(length / RUN[dy.device.info.kind]));
  const tensors = [
    dy,
    stats,
    dx,
    ...(weight ? [weight] : []),
    ...(batch ? [batch.x, batch.sumDy, batch.sumDyXhat] : []),
  ];
  const params = { ...slices, ...(batch ? { over_count: 1 / length } : {}) };
  const defines = { WEIGHT: weight ? 1 : 0, TRAINING: batch ? 1 : 0 };
  launchElements(dy.device, NAME, GRAD, slices.channels * sliceCount(slices), tensors, params, defines);
}
