import { formatShape, ShapeError, type Shape } from '../../tensor/shape';
import { countWindows, pairOf, type Pair } from '../window';

/** The settings of a convolution. */
export interface Conv2dOptions {
  /** Steps of the kernel; default 1. */
  stride?: number | Pair;
  /** Zeros around each plane; default 0. 'same' keeps height and width (stride 1 only), 'valid' is 0. */
  padding?: number | Pair | 'same' | 'valid';
  /** Distance of the kernel's taps; default 1. */
  dilation?: number | Pair;
  /** Groups of channels that are convolved apart; default 1. */
  groups?: number;
}

/** Every size of one convolution. */
export interface Conv2dGeometry {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
}

interface Padding {
  readonly before: Pair;
  readonly after: Pair;
}

function paddingOf(padding: Required<Conv2dOptions>['padding'], kernel: Pair, stride: Pair, dilation: Pair): Padding {
  if (padding === 'same') {
    if (stride[0] !== 1 || stride[1] !== 1) {
      throw new ShapeError(`conv2d: padding 'same' needs stride 1, got ${formatShape(stride)}`);
    }
    const total = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)];
    const before = [Math.floor(total[0] / 2), Math.floor(total[1] / 2)] as const;
    return { before, after: [total[0] - before[0], total[1] - before[1]] };
  }
  if (padding !== 'valid' && typeof padding === 'string') {
    throw new ShapeError(`conv2d: padding must be a number, [h, w], 'same' or 'valid', got '${String(padding)}'`);
  }
  const each = padding === 'valid' ? ([0, 0] as const) : pairOf('conv2d', 'padding', padding, 0);
  return { before: each, after: each };
}

function checkChannels(input: Shape, weight: Shape, groups: number): void {
  const [inChannels, outChannels, perGroup] = [input[1], weight[0], weight[1]];
  if (!Number.isSafeInteger(groups) || groups < 1) {
    throw new ShapeError(`conv2d: groups must be an integer >= 1, got ${groups}`);
  }
  if (inChannels % groups !== 0) {
    throw new ShapeError(
      `conv2d: groups ${groups} does not divide the ${inChannels} channels of input ${formatShape(input)}`,
    );
  }
  if (outChannels % groups !== 0) {
    throw new ShapeError(
      `conv2d: groups ${groups} does not divide the ${outChannels} output channels of weight ${formatShape(weight)}`,
    );
  }
  if (perGroup * groups !== inChannels) {
    throw new ShapeError(
      `conv2d: input has ${inChannels} channels but weight ${formatShape(weight)} expects ${perGroup * groups}` +
        (groups > 1 ? ` in ${groups} groups` : ''),
    );
  }
}

/**
 * The sizes of a convolution of input `[N, C, H, W]` with weight `[O, C / groups, KH, KW]`.
 * 'same' is PyTorch's rule: dilation · (kernel - 1) in all, the smaller half above and to the left.
 * Throws `ShapeError` when shapes and settings do not fit.
 */
export function conv2dGeometry(input: Shape, weight: Shape, options: Conv2dOptions = {}): Conv2dGeometry {
  for (const [argument, shape, axes] of [
    ['input', input, '[N, C, H, W]'],
    ['weight', weight, '[O, C / groups, KH, KW]'],
  ] as const) {
    if (shape.length !== 4) throw new ShapeError(`conv2d: expected ${argument} ${axes}, got ${formatShape(shape)}`);
  }
  const { padding = 0, groups = 1 } = options;
  const stride = pairOf('conv2d', 'stride', options.stride ?? 1, 1);
  const dilation = pairOf('conv2d', 'dilation', options.dilation ?? 1, 1);
  checkChannels(input, weight, groups);
  const [batch, inChannels, height, width] = input;
  const [outChannels, , kernelHeight, kernelWidth] = weight;
  const kernel = [kernelHeight, kernelWidth] as const;
  const { before, after } = paddingOf(padding, kernel, stride, dilation);
  const [outHeight, outWidth] = countWindows('conv2d', [height, width], { kernel, stride, dilation, before, after });
  return {
    batch,
    inChannels,
    outChannels,
    groups,
    height,
    width,
    outHeight,
    outWidth,
    kernelHeight,
    kernelWidth,
    strideH: stride[0],
    strideW: stride[1],
    dilationH: dilation[0],
    dilationW: dilation[1],
    padTop: before[0],
    padLeft: before[1],
    padBottom: after[0],
    padRight: after[1],
  };
}
