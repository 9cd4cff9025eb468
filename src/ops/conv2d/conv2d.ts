import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { formatShape, ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { activationGradient, saveResult, type Activation } from '../elementwise/activation';
import { conv2dGeometry, type Conv2dOptions } from './geometry';
import { FORWARD, TO_INPUT, TO_WEIGHT } from './tables';
import { reduceInto } from '../reduce/reduce-kernel';

function checkTypes(inputs: readonly Tensor<DType>[]): void {
  for (const [i, { dtype }] of inputs.entries()) {
    if (dtype !== 'float32')
      throw new TypeError(`conv2d: expected ${['input', 'weight', 'bias'][i]} of float32, got ${dtype}`);
  }
}

interface Conv2dAttrs extends Conv2dOptions {
  /** Applied to the result; default 'none'. */
  activation?: Activation;
}

export const conv2dOp: Op<Conv2dAttrs> = {
  name: 'conv2d',
  infer: (inputs, options) => {
    checkTypes(inputs);
    const [input, weight] = inputs;
    const { batch, outChannels, outHeight, outWidth } = conv2dGeometry(input.shape, weight.shape, options);
    const bias = inputs.at(2);
    if (bias && (bias.rank !== 1 || bias.size !== outChannels)) {
      const [shape, given] = [formatShape(weight.shape), formatShape(bias.shape)];
      throw new ShapeError(`conv2d: expected bias [${outChannels}] for weight ${shape}, got ${given}`);
    }
    return { shape: [batch, outChannels, outHeight, outWidth], dtype: 'float32' };
  },
  forward: (ctx, inputs, { activation = 'none', ...options }, out) => {
    const [input, weight] = inputs;
    const geometry = conv2dGeometry(input.shape, weight.shape, options);
    const { launch } = out.device.variants.select(FORWARD, geometry);
    launch(geometry, input, weight, inputs.at(2) ?? null, activation, out);
    saveResult(ctx, activation, out);
  },
  saves: { inputs: [0, 1], output: false },
  product: true,
  backward: ({ inputs, grad: outer, attrs, saved, needs, gradOf }) => {
    const grad = activationGradient('conv2d', saved, outer);
    const { variants } = grad.device;
    const [input, weight] = inputs;
    const geometry = conv2dGeometry(input.shape, weight.shape, attrs);
    const [gradInput, gradWeight, gradBias] = [0, 1, 2].map((i) => (needs[i] ? gradOf(i) : null));
    if (gradInput) variants.select(TO_INPUT, geometry).launch(geometry, grad, weight, gradInput);
    if (gradWeight) {
      variants.select(TO_WEIGHT, geometry).launch(geometry, input, grad, gradWeight, gradBias);
    } else if (gradBias) reduceInto('conv2d', 'sum', grad, [0, 2, 3], 1, gradBias);
    return [gradInput, gradWeight, gradBias].slice(0, inputs.length);
  },
};

/**
 * The cross-correlation of input `[N, C, H, W]` with weight `[O, C / groups, KH, KW]`, plus bias `[O]`: `[N, O, OH,
 * OW]` with OH = floor((H + padding above and below - dilation · (KH - 1) - 1) / stride) + 1, and OW alike. With
 * `activation` 'relu' the result is that of a following `relu`, without an extra pass. Padding adds no terms to a
 * sum: an infinite weight does not meet its zeros. float32 only.
 * Throws `ShapeError` when shapes or settings do not fit or the kernel is larger than the padded input, `TypeError`
 * for a dtype other than float32.
 */
export function conv2d(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: Conv2dOptions & { activation?: Activation } = {},
): Tensor {
  checkOptions('conv2d', options, 'stride padding dilation groups activation');
  const { stride = 1, padding = 0, dilation = 1, groups = 1, activation = 'none' } = options;
  const attrs = { stride, padding, dilation, groups, activation };
  return apply(conv2dOp, bias ? [input, weight, bias] : [input, weight], attrs);
}
