import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { formatShape, ShapeError } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { foldsDropout, gradients, normalize, type Folded, type Running } from './kernels';
import { dropout as dropoutBehind } from '../dropout/dropout';
import { dropoutOf } from '../dropout/draw';

export interface BatchNormAttrs extends Folded {
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
    const { weight, bias } = places(attrs);
    ctx.save(normalize(x, weight ? inputs[weight] : null, bias ? inputs[bias] : null, attrs, attrs, out));
    const { running, training } = attrs;
    if (running && training)
      for (const written of [running.mean, running.variance, running.tracked]) written?.version.bump();
  },
  saves: { inputs: [0, 1], output: false },
  backward: ({ inputs, grad, attrs, saved: [stats], needs, gradOf }) => {
    const [x] = inputs;
    const { weight, bias } = places(attrs);
    const wantsWeight = weight !== null && needs[weight];
    const wantsBias = bias !== null && needs[bias];
    const results = inputs.map((): Tensor | null => null);
    const sum = (at: number | null) =>
      at ? (results[at] = gradOf(at)) : Tensor.empty([x.shape[1]], 'float32', x.device, 'batchNorm');
    const dx = needs[0] ? (results[0] = gradOf(0)) : null;
    const sums =
      wantsWeight || wantsBias || (attrs.training && dx)
        ? { dy: sum(wantsBias ? bias : null), dyXhat: sum(wantsWeight ? weight : null) }
        : null;
    if (dx || sums) gradients(x, grad, stats, weight ? inputs[weight] : null, attrs.training, attrs, { dx, sums });
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
  /** Normalises max(x, 0) in place of x, as `relu` in front would but without a tensor of its own; default false. */
  relu?: boolean;
  /** Probability of a `dropout` behind, training or not; default 0. */
  dropout?: number;
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of x `[N, C]`, `[N, C, L]` or `[N, C, H, W]` over all axes but C:
 * `(x - mean) / sqrt(variance + eps) · weight + bias`. Training takes mean and (biased) variance from the batch, else from
 * the running statistics. Each direction reads the data twice at most, `relu` and `dropout` included: their numbers are those of
 * the separate ops. Throws `ShapeError` on a misfit, when training with one value per channel, or when not training without
 * running statistics, and `RangeError` when `dropout` is not in [0, 1].
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  const { weight, bias, runningMean, runningVar, numBatchesTracked, training, momentum = 0.1, eps = 1e-5 } = options;
  const { relu = false, dropout: p = 0 } = options;
  if (!runningMean !== !runningVar) throw new ShapeError('batchNorm: runningMean and runningVar go together');
  const running =
    runningMean && runningVar ? { mean: runningMean, variance: runningVar, tracked: numBatchesTracked ?? null } : null;
  const dropout = dropoutOf(p);
  const folds = foldsDropout(x);
  const y = apply(batchNormOp, [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])], {
    affine: { weight: Boolean(weight), bias: Boolean(bias) },
    running,
    training,
    momentum,
    eps,
    relu,
    dropout: folds ? dropout : null,
  });
  if (folds || !dropout) return y;
  const dropped = dropoutBehind(y, p);
  y.dispose();
  return dropped;
}
