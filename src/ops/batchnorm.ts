import { apply } from '../autograd/apply';
import type { Op } from '../autograd/op';
import { formatShape, ShapeError } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import {
  batchStatistics,
  gradientSums,
  inputGradient,
  normalize,
  runningStatistics,
  type Running,
} from './batchnorm-kernel';

export interface BatchNormAttrs {
  /** Which of them follow x as inputs. */
  readonly affine: { readonly weight: boolean; readonly bias: boolean };
  readonly running: Running | null;
  readonly training: boolean;
  readonly momentum: number;
  readonly eps: number;
}

const places = ({ affine: { weight, bias } }: BatchNormAttrs) => ({
  weight: weight ? 1 : null,
  bias: bias ? (weight ? 2 : 1) : null,
});

function checkChannels(argument: string, tensor: Tensor, x: Tensor): void {
  if (tensor.dtype !== 'float32' || tensor.rank !== 1 || tensor.size !== x.shape[1]) {
    throw new ShapeError(
      `batchNorm: ${argument} is ${tensor.dtype} ${formatShape(tensor.shape)}, ` +
        `input ${formatShape(x.shape)} wants float32 [${x.shape[1]}]`,
    );
  }
  if (tensor.device !== x.device) throw new ShapeError(`batchNorm: ${argument} and input are on different devices`);
}

export const batchNormOp: Op<BatchNormAttrs> = {
  name: 'batchNorm',
  infer: (inputs, attrs) => {
    const [x] = inputs;
    if (x.dtype !== 'float32') throw new ShapeError(`batchNorm: float32 is wanted, got ${x.dtype}`);
    if (x.rank < 2) {
      throw new ShapeError(`batchNorm: input [N, C], [N, C, L] or [N, C, H, W] is wanted, got ${formatShape(x.shape)}`);
    }
    const { weight, bias } = places(attrs);
    if (weight) checkChannels('weight', inputs[weight], x);
    if (bias) checkChannels('bias', inputs[bias], x);
    const { running, training } = attrs;
    if (running) {
      checkChannels('runningMean', running.mean, x);
      checkChannels('runningVar', running.variance, x);
      if (running.tracked && (running.tracked.dtype !== 'int32' || running.tracked.size !== 1))
        throw new ShapeError('batchNorm: numBatchesTracked must be one int32');
    } else if (!training) throw new ShapeError('batchNorm: runningMean and runningVar are wanted when not training');
    if (training && x.size === x.shape[1]) {
      throw new ShapeError(
        `batchNorm: more than 1 value per channel is wanted when training, got input ${formatShape(x.shape)}`,
      );
    }
    return { shape: x.shape, dtype: 'float32' };
  },
  forward: (ctx, inputs, attrs, out) => {
    const [x] = inputs;
    const { running, training, momentum, eps } = attrs;
    const stats =
      running && !training ? runningStatistics(x, running, eps) : batchStatistics(x, running, momentum, eps);
    const { weight, bias } = places(attrs);
    normalize(x, stats, weight ? inputs[weight] : null, bias ? inputs[bias] : null, out);
    ctx.save(stats);
  },
  keeps: { inputs: [0, 1], output: false },
  backward: ({ inputs, grad, attrs, saved: [stats], needs, gradOf }) => {
    const [x] = inputs;
    const { weight, bias } = places(attrs);
    const wantsWeight = weight !== null && needs[weight];
    const wantsBias = bias !== null && needs[bias];
    const results = inputs.map((): Tensor | null => null);
    const sum = (at: number | null) =>
      at ? (results[at] = gradOf(at)) : Tensor.empty([x.shape[1]], 'float32', x.device, 'batchNorm');
    let batch = null;
    if (wantsWeight || wantsBias || (attrs.training && needs[0])) {
      const sums = { x, sumDy: sum(wantsBias ? bias : null), sumDyXhat: sum(wantsWeight ? weight : null) };
      gradientSums(x, grad, stats, sums.sumDy, sums.sumDyXhat);
      if (attrs.training) batch = sums;
    }
    if (needs[0]) {
      const dx = gradOf(0);
      inputGradient(grad, stats, weight ? inputs[weight] : null, batch, dx);
      results[0] = dx;
    }
    return results;
  },
};

export interface BatchNormOptions {
  /** `[C]`, default 1. */
  weight?: Tensor | null;
  /** `[C]`, default 0. */
  bias?: Tensor | null;
  /** `[C]`; updated in place when training, used instead of the batch's when not. */
  runningMean?: Tensor | null;
  /** `[C]`, unbiased; as `runningMean`. */
  runningVar?: Tensor | null;
  /** One int32, counted up by every training batch (with running statistics only). */
  numBatchesTracked?: Tensor | null;
  training: boolean;
  /** Share of the batch in the new running statistics; default 0.1. */
  momentum?: number;
  /** Added to the variance; default 1e-5. */
  eps?: number;
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of x `[N, C]`, `[N, C, L]` or `[N, C, H, W]` over all axes but C:
 * `(x - mean) / sqrt(variance + eps) · weight + bias`. Training takes mean and (biased) variance from the batch, else from
 * the running statistics. Each direction reads the data twice. Throws `ShapeError` on a misfit, when training with one
 * value per channel, or when not training without running statistics.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  const { weight, bias, runningMean, runningVar, numBatchesTracked, training, momentum = 0.1, eps = 1e-5 } = options;
  if (!runningMean !== !runningVar) throw new ShapeError('batchNorm: runningMean and runningVar go together');
  const running =
    runningMean && runningVar ? { mean: runningMean, variance: runningVar, tracked: numBatchesTracked ?? null } : null;
  const affine = { weight: Boolean(weight), bias: Boolean(bias) };
  return apply(batchNormOp, [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])], {
    affine,
    running,
    training,
    momentum,
    eps,
  });
}
