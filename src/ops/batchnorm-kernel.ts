import finishSource from '../../shaders/batchnorm_finish.wgsl?raw';
import gradSource from '../../shaders/batchnorm_grad.wgsl?raw';
import normalizeSource from '../../shaders/batchnorm_normalize.wgsl?raw';
import runningSource from '../../shaders/batchnorm_running.wgsl?raw';
import statsSource from '../../shaders/batchnorm_stats.wgsl?raw';
import sumsSource from '../../shaders/batchnorm_sums.wgsl?raw';
import inputSource from '../../shaders/lib/batchnorm_input.wgsl?raw';
import slicesSource from '../../shaders/lib/channel_slices.wgsl?raw';
import keptSource from '../../shaders/lib/dropout.wgsl?raw';
import momentsSource from '../../shaders/lib/moments.wgsl?raw';
import philoxSource from '../../shaders/lib/philox.wgsl?raw';
import { linear } from '../runtime/device';
import type { Params } from '../runtime/params';
import type { Kernel } from '../runtime/pipelines';
import type { Defines } from '../runtime/template';
import { elementKernel, launchElements } from '../tensor/launch';
import { Tensor } from '../tensor/tensor';
import { cut, sliceCount, type Slices } from './channel-slices';
import { drawDropout, dropoutParams, type Dropout } from './dropout-draw';

const WALK = [slicesSource, philoxSource, keptSource, inputSource];
const STATS = elementKernel('batchnorm_stats', slicesSource, momentsSource, inputSource, statsSource);
const SUMS = elementKernel('batchnorm_sums', ...WALK, sumsSource);
const FINISH = elementKernel('batchnorm_finish', slicesSource, momentsSource, finishSource);
const RUNNING = elementKernel('batchnorm_running', runningSource);
const NORMALIZE = elementKernel('batchnorm_normalize', ...WALK, normalizeSource);
const GRAD = elementKernel('batchnorm_grad', ...WALK, gradSource);

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

/** What is folded into the kernels: a ReLU in front of the normalisation, a dropout behind it. */
export interface Folded {
  readonly relu: boolean;
  readonly dropout: Dropout | null;
}

/** Slices for a sum over each channel. */
function sumSlices({ shape, size, device }: Tensor): Slices {
  const length = size / shape[1];
  const wanted = Math.min(Math.ceil(BUSY[device.info.kind] / shape[1]), Math.ceil(length / SHORTEST));
  return cut(shape, Math.max(Math.ceil(length / LONGEST), wanted));
}

/** Slices for work on single elements. */
const elementSlices = ({ shape, size, device }: Tensor): Slices =>
  cut(shape, Math.ceil(size / shape[1] / RUN[device.info.kind]));

/** Elements that a block of random numbers serves. */
const BLOCK = 4;

/** Whether the kernels can do the dropout too: of x `[N, C]` with whole blocks in a row. On planes it gains nothing. */
export const foldsDropout = ({ shape, size }: Tensor): boolean =>
  size === shape[0] * shape[1] && shape[1] % BLOCK === 0;

/** One launch of a kernel that walks x as `batchnorm_normalize` does. */
function launchWalk(
  kernel: Kernel,
  slices: Slices,
  { relu, dropout }: Folded,
  tensors: readonly Tensor[],
  drawn: (dropout: Dropout) => Params,
  extra: Params,
  defines: Defines,
): void {
  const channels = dropout ? slices.channels / BLOCK : slices.channels;
  const fixed = { ...slices, channels, ...extra };
  const params = dropout ? () => ({ ...fixed, ...drawn(dropout) }) : fixed;
  const all = { ...defines, RELU: relu ? 1 : 0, DROPOUT: dropout ? 1 : 0 };
  launchElements(tensors[0].device, NAME, kernel, channels * sliceCount(slices), tensors, params, all);
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
export function batchStatistics(
  x: Tensor,
  relu: boolean,
  running: Running | null,
  momentum: number,
  eps: number,
): Tensor {
  const slices = sumSlices(x);
  const partials = partialsOf(x, slices);
  const count = slices.channels * sliceCount(slices);
  launchElements(x.device, NAME, STATS, count, [x, partials], { ...slices }, { RELU: relu ? 1 : 0 });
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

/** Writes y; its dropout draws new random numbers. */
export function normalize(
  x: Tensor,
  stats: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  folded: Folded,
  y: Tensor,
): void {
  const tensors = [x, stats, ...(weight ? [weight] : []), ...(bias ? [bias] : []), y];
  const defines = { WEIGHT: weight ? 1 : 0, BIAS: bias ? 1 : 0 };
  const draw = (dropout: Dropout): Params => drawDropout(dropout, y.device, y.size);
  launchWalk(NORMALIZE, elementSlices(x), folded, tensors, draw, {}, defines);
}

/** Writes Σ dy and Σ dy · xhat of each channel: the gradients of bias and weight. */
export function gradientSums(
  x: Tensor,
  dy: Tensor,
  stats: Tensor,
  folded: Folded,
  sumDy: Tensor,
  sumDyXhat: Tensor,
): void {
  const slices = sumSlices(x);
  const partials = partialsOf(x, slices);
  launchWalk(SUMS, slices, folded, [x, dy, stats, partials], dropoutParams, {}, {});
  finish(slices, [partials, stats, sumDy, sumDyXhat], {}, { GRAD: 1 });
  partials.dispose();
}

/** Writes dx; `batch` holds what is needed where the statistics came from the batch itself. */
export function inputGradient(
  x: Tensor,
  dy: Tensor,
  stats: Tensor,
  weight: Tensor | null,
  batch: { sumDy: Tensor; sumDyXhat: Tensor } | null,
  folded: Folded,
  dx: Tensor,
): void {
  const tensors = [x, dy, stats, dx, ...(weight ? [weight] : []), ...(batch ? [batch.sumDy, batch.sumDyXhat] : [])];
  const params: Params = batch ? { over_count: x.shape[1] / x.size } : {};
  const defines = { WEIGHT: weight ? 1 : 0, TRAINING: batch ? 1 : 0 };
  launchWalk(GRAD, elementSlices(x), folded, tensors, dropoutParams, params, defines);
}
