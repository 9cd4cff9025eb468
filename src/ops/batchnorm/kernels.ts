import { foldWorkgroups } from '../../runtime/kernels/launch';
import type { Params } from '../../wgsl/params';
import { kernel, type Kernel } from '../../runtime/kernels/kernel';
import type { Defines } from '../../wgsl/template';
import { Tensor } from '../../tensor/tensor';
import { elementSlices, lanesOf, partsOf, sumSlices, wholeSlices } from './plan-slices';
import type { Slices } from './channel-slices';
import { drawDropout, dropoutParams, type Dropout } from '../dropout/draw';

const STATS = kernel('batchnorm_stats', () => import('./shaders.lazy'));
const SUMS = kernel('batchnorm_sums', () => import('./shaders.lazy'));
const NORMALIZE = kernel('batchnorm_normalize', () => import('./shaders.lazy'));
const GRAD = kernel('batchnorm_grad', () => import('./shaders.lazy'));

const NAME = 'batchNorm';

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

/** The sums over a channel in two dispatches, in one, or not at all. */
const [PARTS, AT_HAND, NONE] = [0, 1, 2] as const;

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
    groups: foldWorkgroups(channels * parts),
  });
}

const empty = (shape: readonly number[], x: Tensor): Tensor => Tensor.empty(shape, 'float32', x.device, NAME);
const present = (...tensors: readonly (Tensor | null | undefined)[]): Tensor[] => tensors.filter((t) => t) as Tensor[];

/** The sums over the channels, as the kernel that wants them finds them. */
interface Sums {
  /** SUM_SOURCE of the kernels. */
  readonly source: typeof PARTS | typeof AT_HAND | typeof NONE;
  /** That kernel's slices. */
  readonly slices: Slices;
  /** What was left for it `[C, parts, numbers]`, where they are too long for one workgroup. */
  readonly partial: Tensor | null;
  readonly parts: number;
}

/** Plans the sums over each channel of x; `leave` launches the kernel that leaves parts of them, so many `numbers` each. */
function sumsOf(
  x: Tensor,
  wanted: boolean,
  numbers: number,
  leave: (slices: Slices, parts: number, partial: Tensor) => void,
): Sums {
  const none = { partial: null, parts: 0 };
  if (!wanted) return { source: NONE, slices: elementSlices(x), ...none };
  const whole = wholeSlices(x);
  if (whole) return { source: AT_HAND, slices: whole, ...none };
  const slices = sumSlices(x);
  const parts = partsOf(slices, x);
  const partial = empty([slices.channels, parts, numbers], x);
  leave(slices, parts, partial);
  return { source: PARTS, slices: elementSlices(x), partial, parts };
}

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
  const { source, slices, parts, partial } = sumsOf(x, training, 3, (ofSums, count, target) => {
    const walk = { relu: folded.relu, dropout: null };
    const defines = { TRACKED: tracked ? 1 : 0 };
    launchWalk(STATS, ofSums, count, walk, present(x, target, tracked), dropoutParams, {}, defines);
  });
  const stats = empty([2, x.shape[1]], x);
  const counts = source === AT_HAND ? tracked : null;
  launchWalk(
    NORMALIZE,
    slices,
    partsOf(slices, x),
    folded,
    present(x, y, stats, partial, running?.mean, running?.variance, counts, weight, bias),
    (dropout) => drawDropout(dropout, y.device, y.size),
    { sum_parts: parts, momentum, eps },
    {
      SUM_SOURCE: source,
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
  const { source, slices, parts, partial } = sumsOf(x, sums !== null, 2, (ofSums, count, target) => {
    launchWalk(SUMS, ofSums, count, folded, [x, dy, stats, target], dropoutParams, {}, {});
  });
  launchWalk(
    GRAD,
    slices,
    dx ? partsOf(slices, x) : 1,
    folded,
    present(x, dy, stats, dx, sums?.dy, sums?.dyXhat, partial, weight),
    dropoutParams,
    { sum_parts: parts, over_count: x.shape[1] / x.size },
    {
      INPUT: dx ? 1 : 0,
      SUM_SOURCE: source,
      TRAINING: training ? 1 : 0,
      WEIGHT: weight ? 1 : 0,
    },
  );
  partial?.dispose();
}
