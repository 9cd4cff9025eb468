import { kernel } from '../../runtime/kernels/kernel';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { drawDropout, dropoutParams } from '../dropout/draw';
import type { ChannelSlices } from './channel-slices';
import { emptyLike, launchChannels, type Fused } from './launch';
import { elementSlices, singleWorkgroupSlices, summingSlices, workgroupsOf } from './slice-plan';

const STATS = kernel('batchnorm_stats', () => import('./shaders.lazy'));
const NORMALIZE = kernel('batchnorm_normalize', () => import('./shaders.lazy'));

/** Running statistics, which a training step updates. */
export interface Running {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** int32, counts the training batches. */
  readonly tracked: Tensor<DType> | null;
}

export interface Settings extends Fused {
  readonly running: Running | null;
  readonly training: boolean;
  readonly momentum: number;
  readonly eps: number;
}

interface Forward {
  readonly x: Tensor;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly settings: Settings;
  readonly y: Tensor;
  /** Mean and 1/deviation of each channel, `[2, C]`. */
  readonly stats: Tensor;
}

/** What the plans' last dispatches differ in; `tracked` is the counter that this dispatch has to raise. */
interface LastDispatch {
  readonly sums: 'parts' | 'channel' | 'none';
  readonly slices: ChannelSlices;
  readonly partial?: { readonly tensor: Tensor; readonly parts: number };
  readonly tracked?: Tensor<DType> | null;
}

function launchNormalize(task: Forward, { sums, slices, partial, tracked }: LastDispatch): void {
  const { x, weight, bias, settings, y, stats } = task;
  const { running, momentum, eps } = settings;
  launchChannels({
    kernel: NORMALIZE,
    slices,
    workgroups: workgroupsOf(slices, x),
    fused: settings,
    dropoutParams: (dropout) => drawDropout(dropout, y.device, y.size),
    tensors: [x, y, stats, partial?.tensor, running?.mean, running?.variance, tracked, weight, bias],
    params: { sum_parts: partial?.parts ?? 0, momentum, eps },
    defines: {
      SUMS: sums,
      RUNNING: Number(running !== null),
      TRACKED: Number(Boolean(tracked)),
      WEIGHT: Number(weight !== null),
      BIAS: Number(bias !== null),
    },
  });
}

/** Long channels, by the batch's statistics: one dispatch adds up parts of each channel, another joins them and normalises. */
function normalizeInTwoDispatches(task: Forward): void {
  const { x, settings } = task;
  const slices = summingSlices(x);
  const parts = workgroupsOf(slices, x);
  const partial = emptyLike(x, [x.shape[1], parts, 3]);
  const tracked = settings.running?.tracked;
  launchChannels({
    kernel: STATS,
    slices,
    workgroups: parts,
    fused: { relu: settings.relu, dropout: null },
    dropoutParams,
    tensors: [x, partial, tracked],
    defines: { TRACKED: Number(Boolean(tracked)) },
  });
  launchNormalize(task, { sums: 'parts', slices: elementSlices(x), partial: { tensor: partial, parts } });
  partial.dispose();
}

/** Short channels, by the batch's statistics: each workgroup adds up one channel and normalises it. */
function normalizeInOneDispatch(task: Forward, slices: ChannelSlices): void {
  launchNormalize(task, { sums: 'channel', slices, tracked: task.settings.running?.tracked });
}

/** By the running statistics, without any sums. */
function normalizeByRunning(task: Forward): void {
  launchNormalize(task, { sums: 'none', slices: elementSlices(task.x) });
}

/**
 * Writes y: with `training` by the batch's statistics, updating the running ones where there are any, else by the running ones. A
 * fused dropout draws new random numbers. Returns mean and 1/deviation of each channel, `[2, C]`.
 */
export function normalize(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  settings: Settings,
  y: Tensor,
): Tensor {
  const stats = emptyLike(x, [2, x.shape[1]]);
  const task: Forward = { x, weight, bias, settings, y, stats };
  const short = singleWorkgroupSlices(x);
  if (!settings.training) normalizeByRunning(task);
  else if (short) normalizeInOneDispatch(task, short);
  else normalizeInTwoDispatches(task);
  return stats;
}
