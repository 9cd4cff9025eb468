import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import { formatShape, sameShape, ShapeError, sizeOf, type Shape } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import { add } from '../elementwise/binary';
import { partialsOf, reduceInto } from '../reduce/reduce-kernel';
import { launchRows, type Rows } from '../softmax/row-kernel';

const LAYER_NORM = elementKernel('layer_norm', () => import('./shaders.lazy'));
const SUMS = elementKernel('layer_norm_sums', () => import('./shaders.lazy'));

interface LayerNormAttrs {
  /** The last axes, over which each row is normalised. */
  readonly shape: Shape;
  readonly eps: number;
}

const rowsOf = ({ size }: Tensor, { shape }: LayerNormAttrs): Rows => {
  const length = sizeOf(shape);
  return { rows: size / length, length, inner: 1 };
};

/** The gradients of weight and bias, into those of `outs` that are not null. */
function parameterGradients(rows: Rows, tensors: readonly Tensor[], outs: readonly (Tensor | null)[]): void {
  const [{ device }] = tensors;
  const slice = Math.ceil(rows.rows / partialsOf(device, rows.length, rows.rows));
  const slices = Math.ceil(rows.rows / slice);
  const partials = outs.map((out) =>
    slices === 1 && out ? out : Tensor.empty([slices, rows.length], 'float32', device, 'layerNorm'),
  );
  const n = slices * rows.length;
  launchElements(device, 'layerNorm', SUMS, n, [...tensors, ...partials], {
    n,
    rows: rows.rows,
    length: rows.length,
    slice,
  });
  for (const [i, partial] of partials.entries()) {
    const out = outs[i];
    if (partial === out) continue;
    if (out) reduceInto('layerNorm', 'sum', partial, [0], 1, out);
    partial.dispose();
  }
}

function checkParameter(argument: string, { dtype, shape: given }: Tensor<DType>, shape: Shape): void {
  if (dtype !== 'float32') throw new TypeError(`layerNorm: expected ${argument} of float32, got ${dtype}`);
  if (!sameShape(given, shape))
    throw new ShapeError(`layerNorm: expected ${argument} ${formatShape(shape)}, got ${formatShape(given)}`);
}

/** Of x, and weight, and bias: the later ones may be missing. */
export const layerNormOp: Op<LayerNormAttrs> = {
  name: 'layerNorm',
  infer: (inputs, { shape }) => {
    const [x] = inputs;
    if (x.dtype !== 'float32') throw new TypeError(`layerNorm: expected input of float32, got ${x.dtype}`);
    if (shape.length === 0 || !sameShape(x.shape.slice(-shape.length), shape)) {
      const [expected, given] = [formatShape(shape), formatShape(x.shape)];
      throw new ShapeError(`layerNorm: expected input with the last axes ${expected}, got ${given}`);
    }
    inputs.slice(1).forEach((parameter, i) => {
      checkParameter(['weight', 'bias'][i], parameter, shape);
    });
    return { shape: x.shape, dtype: 'float32' };
  },
  forward: (ctx, [x, ...affine], attrs, out) => {
    const rows = rowsOf(x, attrs);
    const stats = Tensor.empty([rows.rows, 2], 'float32', x.device, 'layerNorm');
    const defines = { GRAD: 0, AFFINE: affine.length };
    launchRows(x.device, 'layerNorm', LAYER_NORM, rows, [x, out, stats, ...affine], { eps: attrs.eps }, defines);
    ctx.save(stats);
  },
  saves: { inputs: [0, 1], output: false },
  backward: ({ inputs, grad, attrs, saved: [stats], needs, gradOf }) => {
    const [x, ...affine] = inputs;
    const rows = rowsOf(x, attrs);
    const [dx, ...outs] = [0, 1, 2].map((i) => (needs[i] ? gradOf(i) : null));
    if (dx) {
      const weight = affine.slice(0, 1);
      const defines = { GRAD: 1, AFFINE: weight.length };
      launchRows(x.device, 'layerNorm', LAYER_NORM, rows, [x, dx, stats, grad, ...weight], { eps: attrs.eps }, defines);
    }
    if (outs.some(Boolean)) parameterGradients(rows, [x, stats, grad], outs);
    return [dx, ...outs].slice(0, inputs.length);
  },
};

/** Options of `layerNorm()`. */
export interface LayerNormOptions {
  /** Of the normalised shape; default 1. */
  weight?: Tensor | null;
  /** Of the normalised shape; default 0. */
  bias?: Tensor | null;
  /** Added to the variance; default 1e-5. */
  eps?: number;
}

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) of x over its last axes, which `normalizedShape` gives (a number: the last one):
 * (x - mean) / sqrt(variance + eps) · weight + bias, with mean and (biased) variance of each row. float32 only.
 * Throws `ShapeError` when shapes do not fit, `TypeError` for a dtype other than float32.
 */
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: LayerNormOptions = {}): Tensor {
  checkOptions('layerNorm', options, 'weight bias eps');
  const { weight, bias, eps = 1e-5 } = options;
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  if (weight) return apply(layerNormOp, [x, weight, ...(bias ? [bias] : [])], { shape, eps });
  const y = apply(layerNormOp, [x], { shape, eps });
  if (!bias) return y;
  checkTensor('layerNorm', 'bias', bias);
  checkParameter('bias', bias, shape);
  return add(y, bias);
}
