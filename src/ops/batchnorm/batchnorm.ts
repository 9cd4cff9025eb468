import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { formatShape, ShapeError } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import { dropoutOf } from '../dropout/draw';
import { dropout as separateDropout } from '../dropout/dropout';
import { gradients } from './backward';
import { normalize, type Settings } from './forward';
import { emptyLike, fusesDropout } from './launch';

interface BatchNormAttrs extends Settings {
  /** Which of them follow x as inputs. */
  readonly affine: { readonly weight: boolean; readonly bias: boolean };
}

/** The input numbers of weight and bias. */
const inputNumbers = ({ affine: { weight, bias } }: BatchNormAttrs) => ({
  weight: weight ? 1 : null,
  bias: bias ? (weight ? 2 : 1) : null,
});

function checkPerChannel(argument: string, { dtype, shape, device }: Tensor<DType>, x: Tensor<DType>): void {
  const channels = x.shape[1];
  if (dtype !== 'float32') throw new TypeError(`batchNorm: expected ${argument} of float32, got ${dtype}`);
  if (shape.length !== 1 || shape[0] !== channels) {
    throw new ShapeError(
      `batchNorm: expected ${argument} [${channels}] for input ${formatShape(x.shape)}, got ${formatShape(shape)}`,
    );
  }
  if (device !== x.device) throw new TypeError(`batchNorm: ${argument} and input are on different devices`);
}

export const batchNormOp: Op<BatchNormAttrs> = {
  name: 'batchNorm',
  infer: (inputs, attrs) => {
    const [x] = inputs;
    if (x.dtype !== 'float32') throw new TypeError(`batchNorm: expected input of float32, got ${x.dtype}`);
    if (x.rank < 2) {
      throw new ShapeError(`batchNorm: expected input [N, C], [N, C, L] or [N, C, H, W], got ${formatShape(x.shape)}`);
    }
    const { weight, bias } = inputNumbers(attrs);
    if (weight) checkPerChannel('weight', inputs[weight], x);
    if (bias) checkPerChannel('bias', inputs[bias], x);
    const { running, training } = attrs;
    if (running) {
      checkPerChannel('runningMean', running.mean, x);
      checkPerChannel('runningVar', running.variance, x);
      if (running.tracked && running.tracked.dtype !== 'int32')
        throw new TypeError(`batchNorm: expected numBatchesTracked of int32, got ${running.tracked.dtype}`);
      if (running.tracked && running.tracked.size !== 1) {
        const given = formatShape(running.tracked.shape);
        throw new ShapeError(`batchNorm: expected numBatchesTracked of one element, got ${given}`);
      }
    } else if (!training) throw new TypeError('batchNorm: expected runningMean and runningVar when not training');
    if (training && x.size === x.shape[1]) {
      throw new ShapeError(
        `batchNorm: expected more than 1 value per channel when training, got input ${formatShape(x.shape)}`,
      );
    }
    return { shape: x.shape, dtype: 'float32' };
  },
  forward: (ctx, inputs, attrs, out) => {
    const { weight, bias } = inputNumbers(attrs);
    ctx.save(normalize(inputs[0], weight ? inputs[weight] : null, bias ? inputs[bias] : null, attrs, out));
    const { running, training } = attrs;
    if (running && training)
      for (const written of [running.mean, running.variance, running.tracked]) written?.version.bump();
  },
  saves: { inputs: [0, 1], output: false },
  backward: ({ inputs, grad, attrs, saved: [stats], needs, gradOf }) => {
    const [x] = inputs;
    const { weight, bias } = inputNumbers(attrs);
    const needsWeight = weight !== null && needs[weight];
    const needsBias = bias !== null && needs[bias];
    const results = inputs.map((): Tensor | null => null);
    const sum = (input: number | null) => (input ? (results[input] = gradOf(input)) : emptyLike(x, [x.shape[1]]));
    const dx = needs[0] ? (results[0] = gradOf(0)) : null;
    const sums =
      needsWeight || needsBias || (attrs.training && dx)
        ? { dy: sum(needsBias ? bias : null), dyXhat: sum(needsWeight ? weight : null) }
        : null;
    if (dx || sums) {
      const { training } = attrs;
      gradients({ x, dy: grad, stats, weight: weight ? inputs[weight] : null, training, fused: attrs, dx, sums });
    }
    return results;
  },
};

/** Options of `batchNorm()`. */
export interface BatchNormOptions {
  /** `[C]`, default 1. */
  weight?: Tensor | null;
  /** `[C]`, default 0. */
  bias?: Tensor | null;
  /** `[C]`; updated in place when training, used in place of the batch's mean when not. */
  runningMean?: Tensor | null;
  /** `[C]`, unbiased; used as `runningMean` is. */
  runningVar?: Tensor | null;
  /** One int32, which every training batch raises by 1 (with running statistics only). */
  numBatchesTracked?: Tensor<DType> | null;
  training: boolean;
  /** Weight of the batch in the updated running statistics; default 0.1. */
  momentum?: number;
  /** Added to the variance; default 1e-5. */
  eps?: number;
  /** Normalises max(x, 0): the same result as a preceding `relu`, without an extra pass or tensor; default false. */
  relu?: boolean;
  /** Probability of a following `dropout`, applied whether training or not; default 0. */
  dropout?: number;
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of x `[N, C]`, `[N, C, L]` or `[N, C, H, W]` over all axes but C:
 * `(x - mean) / sqrt(variance + eps) · weight + bias`. When training, mean and (biased) variance are those of the batch, else
 * the running statistics. Forward and backward read the data at most twice each, with `relu` and `dropout` included; these give
 * the same results as the separate ops. Throws `ShapeError` when shapes do not fit or when training with one value per
 * channel, `TypeError` for a dtype or device that does not fit or missing running statistics, and `RangeError` when `dropout` is
 * not in [0, 1].
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  checkOptions(
    'batchNorm',
    options,
    'weight bias runningMean runningVar numBatchesTracked training momentum eps relu dropout',
  );
  const { weight, bias, runningMean, runningVar, numBatchesTracked, training, momentum = 0.1, eps = 1e-5 } = options;
  const { relu = false, dropout: p = 0 } = options;
  checkTensor('batchNorm', 'input 0', x);
  if (!runningMean !== !runningVar)
    throw new TypeError('batchNorm: expected both of runningMean and runningVar, or neither');
  const running =
    runningMean && runningVar ? { mean: runningMean, variance: runningVar, tracked: numBatchesTracked ?? null } : null;
  const dropout = dropoutOf(p);
  const fused = fusesDropout(x);
  const y = apply(batchNormOp, [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])], {
    affine: { weight: Boolean(weight), bias: Boolean(bias) },
    running,
    training,
    momentum,
    eps,
    relu,
    dropout: fused ? dropout : null,
  });
  if (fused || !dropout) return y;
  const dropped = separateDropout(y, p);
  y.dispose();
  return dropped;
}
