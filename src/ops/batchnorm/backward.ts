import { kernel } from '../../runtime/kernels/kernel';
import type { Tensor } from '../../tensor/tensor';
import { dropoutParams } from '../dropout/draw';
import type { ChannelSlices } from './channel-slices';
import { emptyLike, launchChannels, type Fused } from './launch';
import { elementSlices, singleWorkgroupSlices, summingSlices, workgroupsOf } from './slice-plan';

const SUMS = kernel('batchnorm_sums', () => import('./shaders.lazy'));
const GRAD = kernel('batchnorm_grad', () => import('./shaders.lazy'));

/** What the backward pass reads, and where its gradients go. */
export interface Backward {
  readonly x: Tensor;
  readonly dy: Tensor;
  /** Mean and 1/deviation of each channel, `[2, C]`. */
  readonly stats: Tensor;
  readonly weight: Tensor | null;
  /** Whether mean and deviation came from the batch. */
  readonly training: boolean;
  readonly fused: Fused;
  readonly dx: Tensor | null;
  /** Σ dy and Σ dy · xhat of each channel `[C]`: the gradients of bias and weight, which dx of a training batch needs too. */
  readonly sums: { readonly dy: Tensor; readonly dyXhat: Tensor } | null;
}

/** What the plans' last dispatches differ in. */
interface LastDispatch {
  readonly sums: 'parts' | 'channel' | 'none';
  readonly slices: ChannelSlices;
  readonly partial?: { readonly tensor: Tensor; readonly parts: number };
}

function launchGrad(task: Backward, { sums, slices, partial }: LastDispatch): void {
  const { x, dy, stats, weight, training, fused, dx } = task;
  launchChannels({
    kernel: GRAD,
    slices,
    // The sums alone need no more than the first workgroup.
    workgroups: dx ? workgroupsOf(slices, x) : 1,
    fused,
    dropoutParams,
    tensors: [x, dy, stats, dx, task.sums?.dy, task.sums?.dyXhat, partial?.tensor, weight],
    params: { sum_parts: partial?.parts ?? 0, over_count: x.shape[1] / x.size },
    defines: {
      INPUT: Number(dx !== null),
      SUMS: sums,
      TRAINING: Number(training),
      WEIGHT: Number(weight !== null),
    },
  });
}

/** Long channels: one dispatch adds up parts of each channel, another joins them and writes dx. */
function gradientsInTwoDispatches(task: Backward): void {
  const { x, dy, stats, fused } = task;
  const slices = summingSlices(x);
  const parts = workgroupsOf(slices, x);
  const partial = emptyLike(x, [x.shape[1], parts, 2]);
  launchChannels({ kernel: SUMS, slices, workgroups: parts, fused, dropoutParams, tensors: [x, dy, stats, partial] });
  launchGrad(task, { sums: 'parts', slices: elementSlices(x), partial: { tensor: partial, parts } });
  partial.dispose();
}

/** Short channels: each workgroup adds up one channel and writes its dx. */
function gradientsInOneDispatch(task: Backward, slices: ChannelSlices): void {
  launchGrad(task, { sums: 'channel', slices });
}

/** Only dx, by the running statistics: no sums. */
function gradientWithoutSums(task: Backward): void {
  launchGrad(task, { sums: 'none', slices: elementSlices(task.x) });
}

/** Writes the gradients, of which there is at least one. */
export function gradients(task: Backward): void {
  const short = singleWorkgroupSlices(task.x);
  if (!task.sums) gradientWithoutSums(task);
  else if (short) gradientsInOneDispatch(task, short);
  else gradientsInTwoDispatches(task);
}
