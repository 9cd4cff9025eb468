import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { formatShape, sameShape, ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { activationGradient, saveResult, type Activation } from '../elementwise/activation';
import { product, productAndSums } from './product';
import { reduceInto } from '../reduce/reduce-kernel';

const FLAT = { transposeA: false, transposeB: false };

/** `x` as a matrix of its last axis. */
function asRows(x: Tensor): Tensor {
  const width = x.shape[x.rank - 1];
  return x.alias([x.size / width, width]);
}

interface LinearAttrs {
  /** Applied to the result. */
  readonly activation: Activation;
}

export const linearOp: Op<LinearAttrs> = {
  name: 'linear',
  infer: ([x, weight, ...bias]) => {
    if (weight.rank !== 2) throw new ShapeError(`linear: expected weight [out, in], got ${formatShape(weight.shape)}`);
    const [outputs, inputs] = weight.shape;
    if (x.rank === 0 || x.shape[x.rank - 1] !== inputs) {
      throw new ShapeError(
        `linear: expected input [..., ${inputs}] for weight ${formatShape(weight.shape)}, got ${formatShape(x.shape)}`,
      );
    }
    if (bias.length > 0 && !sameShape(bias[0].shape, [outputs])) {
      throw new ShapeError(
        `linear: expected bias [${outputs}] for weight ${formatShape(weight.shape)}, got ${formatShape(bias[0].shape)}`,
      );
    }
    const odd = [x, weight, ...bias].find((t) => t.dtype !== 'float32');
    if (odd) throw new TypeError(`linear: expected float32, got ${odd.dtype}`);
    return { shape: [...x.shape.slice(0, -1), outputs], dtype: 'float32' };
  },
  forward: (ctx, inputs, { activation }, out) => {
    const [x, weight] = inputs;
    product('linear', asRows(x), weight, { ...FLAT, transposeB: true }, inputs.at(2) ?? null, asRows(out), activation);
    saveResult(ctx, activation, out);
  },
  saves: { inputs: [0, 1], output: false },
  product: true,
  backward: ({ inputs: [x, weight], grad, saved, needs, gradOf }) => {
    const rows = asRows(activationGradient('linear', saved, grad));
    const grads: (Tensor | null)[] = [null, null, null];
    if (needs[0]) {
      grads[0] = gradOf(0);
      product('linear', rows, weight, FLAT, null, asRows(grads[0]));
    }
    if (needs[1]) grads[1] = gradOf(1);
    if (needs[2]) grads[2] = gradOf(2);
    if (grads[1] && grads[2]) productAndSums('linear', rows, asRows(x), grads[1], grads[2]);
    else if (grads[1]) product('linear', rows, asRows(x), { ...FLAT, transposeA: true }, null, grads[1]);
    else if (grads[2]) reduceInto('linear', 'sum', rows, [0], 1, grads[2]);
    return grads.slice(0, needs.length);
  },
};

/**
 * x · weightᵀ + bias: x `[..., in]`, weight `[out, in]`, bias `[out]` or null; the result is `[..., out]`. With
 * `activation` 'relu' the result is that of a following `relu`, without an extra pass.
 * Throws `ShapeError` when the sizes do not fit, `TypeError` for a dtype other than float32.
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: { activation?: Activation } = {},
): Tensor {
  checkOptions('linear', options, 'activation');
  const { activation = 'none' } = options;
  return apply(linearOp, bias ? [x, weight, bias] : [x, weight], { activation });
}
