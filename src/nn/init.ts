import { checkOptions } from '../device/options';
import type { DType } from '../tensor/dtype';
import { fillConstant, fillRandom } from '../tensor/create/fill';
import { formatShape, ShapeError, sizeOf } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

/** Every function overwrites its tensor and returns it; the random ones draw from the device's seed. */
const filled = (tensor: Tensor, kind: 'uniform' | 'normal', low: number, high: number): Tensor => {
  const dtype: string = tensor.dtype;
  if (dtype !== 'float32') throw new TypeError(`init: expected a tensor of float32, got ${dtype}`);
  fillRandom(tensor, kind, low, high);
  return tensor;
};

/** Uniform in [low, high). */
export const uniform = (tensor: Tensor, low = 0, high = 1): Tensor => filled(tensor, 'uniform', low, high);

/** Normal with the given mean and standard deviation. */
export const normal = (tensor: Tensor, mean = 0, std = 1): Tensor => filled(tensor, 'normal', mean, std);

/** Every element `value`. */
export function constant<D extends DType>(tensor: Tensor<D>, value: number): Tensor<D> {
  fillConstant('init', tensor, value);
  return tensor;
}

/** Every element 0. */
export const zeros = <D extends DType>(tensor: Tensor<D>): Tensor<D> => constant(tensor, 0);
/** Every element 1. */
export const ones = <D extends DType>(tensor: Tensor<D>): Tensor<D> => constant(tensor, 1);

/** How many inputs and outputs one unit of a weight has. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Inputs and outputs of one unit of a weight `[out, in, …kernel]`. Throws `ShapeError` for fewer than two axes. */
export function fansOf({ shape }: Tensor): Fans {
  if (shape.length < 2) throw new ShapeError(`init: expected a weight [out, in, ...], got ${formatShape(shape)}`);
  const taps = sizeOf(shape.slice(2));
  return { fanIn: shape[1] * taps, fanOut: shape[0] * taps };
}

/** What `gainOf()` knows the gain of. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

/** The recommended gain of the weights before a nonlinearity, as in PyTorch; `slope` is that of leakyRelu. */
export function gainOf(nonlinearity: Nonlinearity, slope = 0.01): number {
  if (nonlinearity === 'tanh') return 5 / 3;
  if (nonlinearity === 'relu') return Math.SQRT2;
  if (nonlinearity === 'leakyRelu') return Math.sqrt(2 / (1 + slope ** 2));
  return nonlinearity === 'selu' ? 3 / 4 : 1;
}

const xavierStd = (tensor: Tensor, gain: number): number => {
  const { fanIn, fanOut } = fansOf(tensor);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
};

/** Uniform with variance gain² · 2 / (fanIn + fanOut) (Glorot and Bengio 2010). */
export function xavierUniform(tensor: Tensor, gain = 1): Tensor {
  const bound = Math.sqrt(3) * xavierStd(tensor, gain);
  return uniform(tensor, -bound, bound);
}

/** Normal with variance gain² · 2 / (fanIn + fanOut) (Glorot and Bengio 2010). */
export const xavierNormal = (tensor: Tensor, gain = 1): Tensor => normal(tensor, 0, xavierStd(tensor, gain));

/** Options of `kaimingUniform()` and `kaimingNormal()`. */
export interface KaimingOptions {
  /** Slope of leakyRelu for negative numbers; default 0. */
  a?: number;
  /** Whether the variance is preserved in the forward pass ('fanIn', the default) or in the backward pass. */
  mode?: 'fanIn' | 'fanOut';
  /** What follows the layer; default 'leakyRelu'. */
  nonlinearity?: Nonlinearity;
}

function kaimingStd(name: string, tensor: Tensor, options: KaimingOptions): number {
  checkOptions(name, options, 'a mode nonlinearity');
  const { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' } = options;
  return gainOf(nonlinearity, a) / Math.sqrt(fansOf(tensor)[mode]);
}

/** Uniform with variance gain² / fan (He et al. 2015). */
export function kaimingUniform(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd('kaimingUniform', tensor, options);
  return uniform(tensor, -bound, bound);
}

/** Normal with variance gain² / fan (He et al. 2015). */
export const kaimingNormal = (tensor: Tensor, options: KaimingOptions = {}): Tensor =>
  normal(tensor, 0, kaimingStd('kaimingNormal', tensor, options));
