import { checkOptions } from '../../device/options';
import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { formatShape, ShapeError, type Shape } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { add } from '../elementwise/binary';
import { reshape } from '../layout/layout';
import { pairOf, type Pair } from '../window';
import { conv2dGeometry, type Conv2dGeometry } from './geometry';
import { FORWARD, TO_INPUT, TO_WEIGHT } from './tables';

const NAME = 'convTranspose2d';

/** The settings of a transposed convolution. */
export interface ConvTranspose2dOptions {
  /** Elements of the output from one window to the next; default 1. */
  stride?: number | Pair;
  /** Rows and columns that are cut off each side of the output; default 0. */
  padding?: number | Pair;
  /** Rows below and columns to the right that the output has besides; less than stride or dilation; default 0. */
  outputPadding?: number | Pair;
  /** Distance of the kernel's taps; default 1. */
  dilation?: number | Pair;
  /** Groups of channels that are convolved apart; default 1. */
  groups?: number;
}

/** The geometry of the convolution whose gradient this is: its input is the output here, and the other way round. */
function geometryOf(input: Shape, weight: Shape, options: ConvTranspose2dOptions): Conv2dGeometry {
  for (const [argument, shape, axes] of [
    ['input', input, '[N, C, H, W]'],
    ['weight', weight, '[C, O / groups, KH, KW]'],
  ] as const) {
    if (shape.length !== 4) throw new ShapeError(`${NAME}: expected ${argument} ${axes}, got ${formatShape(shape)}`);
  }
  const { groups = 1 } = options;
  if (!Number.isSafeInteger(groups) || groups < 1)
    throw new ShapeError(`${NAME}: groups must be an integer >= 1, got ${groups}`);
  if (input[1] !== weight[0])
    throw new ShapeError(
      `${NAME}: input has ${input[1]} channels but weight ${formatShape(weight)} expects ${weight[0]}`,
    );
  if (input[1] % groups !== 0)
    throw new ShapeError(
      `${NAME}: groups ${groups} does not divide the ${input[1]} channels of input ${formatShape(input)}`,
    );
  const setting = (name: keyof ConvTranspose2dOptions, fallback: 0 | 1): Pair =>
    pairOf(NAME, name, options[name] ?? fallback, fallback);
  const [stride, dilation] = [setting('stride', 1), setting('dilation', 1)];
  const [padding, outputPadding] = [setting('padding', 0), setting('outputPadding', 0)];
  const [height, width] = ([0, 1] as const).map((axis) => {
    if (outputPadding[axis] >= Math.max(stride[axis], dilation[axis]))
      throw new ShapeError(
        `${NAME}: expected outputPadding less than stride or dilation, got ${formatShape(outputPadding)} ` +
          `with stride ${formatShape(stride)} and dilation ${formatShape(dilation)}`,
      );
    const extent = (input[2 + axis] - 1) * stride[axis] + dilation[axis] * (weight[2 + axis] - 1) + 1;
    return extent - 2 * padding[axis] + outputPadding[axis];
  });
  if (height < 1 || width < 1)
    throw new ShapeError(
      `${NAME}: padding ${formatShape(padding)} leaves an output of ${formatShape([height, width])}`,
    );
  const image = [input[0], weight[1] * groups, height, width];
  const geometry = conv2dGeometry(image, weight, { stride, padding, dilation, groups });
  // An output padding within the dilation leaves room for windows that are none of the input's.
  return { ...geometry, outHeight: input[2], outWidth: input[3] };
}

export const convTranspose2dOp: Op<ConvTranspose2dOptions> = {
  name: NAME,
  infer: (inputs, options) => {
    for (const [i, { dtype }] of inputs.entries())
      if (dtype !== 'float32')
        throw new TypeError(`${NAME}: expected ${['input', 'weight'][i]} of float32, got ${dtype}`);
    const { batch, inChannels, height, width } = geometryOf(inputs[0].shape, inputs[1].shape, options);
    return { shape: [batch, inChannels, height, width], dtype: 'float32' };
  },
  forward: (_, [input, weight], options, out) => {
    const geometry = geometryOf(input.shape, weight.shape, options);
    out.device.variants.select(TO_INPUT, geometry).launch(geometry, input, weight, out);
  },
  saves: { inputs: [0, 1], output: false },
  product: true,
  backward: ({ inputs: [input, weight], grad, attrs, needs, gradOf }) => {
    const { variants } = grad.device;
    const geometry = geometryOf(input.shape, weight.shape, attrs);
    const [gradInput, gradWeight] = [0, 1].map((i) => (needs[i] ? gradOf(i) : null));
    if (gradInput) variants.select(FORWARD, geometry).launch(geometry, grad, weight, null, 'none', gradInput);
    if (gradWeight) variants.select(TO_WEIGHT, geometry).launch(geometry, grad, input, gradWeight, null);
    return [gradInput, gradWeight];
  },
};

function checkBias(bias: Tensor<DType>, weight: Tensor, channels: number): void {
  checkTensor(NAME, 'bias', bias);
  if (bias.dtype !== 'float32') throw new TypeError(`${NAME}: expected bias of float32, got ${bias.dtype}`);
  if (bias.rank !== 1 || bias.size !== channels) {
    const [expected, given] = [formatShape(weight.shape), formatShape(bias.shape)];
    throw new ShapeError(`${NAME}: expected bias [${channels}] for weight ${expected}, got ${given}`);
  }
}

/**
 * The transposed convolution, which is the gradient of `conv2d` to its input: of input `[N, C, H, W]` with weight
 * `[C, O / groups, KH, KW]`, plus bias `[O]`: `[N, O, OH, OW]` with OH = (H - 1) · stride - 2 · padding +
 * dilation · (KH - 1) + outputPadding + 1, and OW alike. float32 only.
 * Throws `ShapeError` when shapes or settings do not fit, `TypeError` for a dtype other than float32.
 */
export function convTranspose2d(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTranspose2dOptions = {},
): Tensor {
  checkOptions(NAME, options, 'stride padding outputPadding dilation groups');
  const out = apply(convTranspose2dOp, [input, weight], { ...options });
  if (!bias) return out;
  checkBias(bias, weight, out.shape[1]);
  return add(out, reshape(bias, [bias.size, 1, 1]));
}
