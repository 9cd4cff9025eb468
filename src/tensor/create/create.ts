import { checkOptions } from '../../device/options';
import type { Device } from '../../runtime/device';
import { checkDType, checkHolds, dtypeOf, type DType } from '../dtype';
import { fillRandint, fillRandom, launchFill } from './fill';
import { fromHost, type DTypeOf, type HostData } from './host-data';
import { checkShape, formatShape, ShapeError, sizeOf, type Shape } from '../shape';
import { checkTensor, Tensor } from '../tensor';

/** Options of everything that makes tensors. */
export interface CreateOptions<D extends DType = DType> {
  /** Default: the first device opened. */
  device?: Device;
  /** Element type; default float32. */
  dtype?: D;
  /** Whether `backward()` shall compute this tensor's gradient; default false. */
  requiresGrad?: boolean;
}

/** Options of `tensor()`. */
export interface TensorOptions<D extends DType = DType> extends CreateOptions<D> {
  /** Default: that of the data. */
  shape?: Shape;
}

const CREATE = 'device dtype requiresGrad';

function finish<D extends DType>(made: Tensor<D>, { requiresGrad = false }: CreateOptions): Tensor<D> {
  // Which the setter refuses.
  if (requiresGrad && made.dtype !== 'float32') made.dispose();
  made.requiresGrad = requiresGrad;
  return made;
}

/**
 * A tensor from numbers on the host: nested arrays, whose innermost may be typed arrays, one typed array of any kind (one
 * axis), or an `ImageData` ([H, W, 4]); `shape` gives them another shape. Int32Array and Uint32Array bring their dtype along,
 * BigInt64Array and BigUint64Array become int32 and uint32, everything else float32: bytes as the numbers 0 to 255, doubles
 * rounded. `dtype` asks for another one.
 * Throws `ShapeError` when rows differ in length or the data does not fill `shape`, `TypeError` for other data, and `RangeError`
 * (naming value and place) for a number that the dtype does not hold: a fraction or one out of range among integers, one beyond
 * float32, or one of an integer array that float32 would round.
 */
export function tensor<T extends HostData, D extends DType = DTypeOf<T>>(
  data: T,
  options?: TensorOptions<D>,
): Tensor<NoInfer<D>>;
export function tensor(data: HostData, options: TensorOptions = {}): Tensor<DType> {
  checkOptions('tensor', options, 'shape device dtype requiresGrad');
  if (options.dtype !== undefined) checkDType('tensor', options.dtype);
  const { values, shape: own } = fromHost('tensor', data, options.dtype);
  const shape = options.shape ?? own;
  checkShape('tensor', shape);
  if (sizeOf(shape) !== values.length) {
    throw new ShapeError(`tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} numbers, got ${values.length}`);
  }
  const made = Tensor.empty(shape, dtypeOf(values), options.device);
  made.write(values);
  return finish(made, options);
}

function filled(
  op: string,
  kind: string,
  shape: Shape,
  value: number,
  step: number,
  options: CreateOptions,
): Tensor<DType> {
  checkOptions(op, options, CREATE);
  const { dtype = 'float32', device } = options;
  checkDType(op, dtype);
  checkHolds(op, dtype, value);
  const made = Tensor.empty(shape, dtype, device, op);
  launchFill(op, kind, made, value, step);
  return finish(made, options);
}

/** A number as a tensor `[]`, for `op`. Throws `RangeError`, naming `op`, where the dtype does not hold it. */
export function scalarOf(op: string, value: number, device: Device, dtype: DType): Tensor<DType> {
  if (dtype !== 'float32' && !Number.isInteger(value))
    throw new RangeError(
      `${op}: ${value} is not an integer, which ${dtype} holds: convert the tensor first, cast(x, 'float32')`,
    );
  return filled(op, 'value', [], value, 0, { device, dtype });
}

/**
 * A tensor with every element `value`. Throws `RangeError` when the dtype does not hold it and, as all of these, `ShapeError`
 * where an axis is not an integer >= 1 and `TypeError` for a shape that is no array or an unknown dtype.
 */
export function full<D extends DType = 'float32'>(
  shape: Shape,
  value: number,
  options?: CreateOptions<D>,
): Tensor<NoInfer<D>>;
export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor<DType> {
  return filled('full', 'value', shape, value, 0, options);
}

/** Makes a tensor of a shape, which may also be given as numbers: `zeros([2, 3])` or `zeros(2, 3)`. */
export interface Creator {
  <D extends DType = 'float32'>(shape: Shape, options?: CreateOptions<D>): Tensor<NoInfer<D>>;
  <D extends DType = 'float32'>(...sizes: [...sizes: number[], options: CreateOptions<D>]): Tensor<NoInfer<D>>;
  (...sizes: number[]): Tensor;
}

/** As `Creator`, of float32 only. */
export interface FloatCreator {
  (shape: Shape, options?: CreateOptions<'float32'>): Tensor;
  (...sizes: [...sizes: number[], options: CreateOptions<'float32'>]): Tensor;
  (...sizes: number[]): Tensor;
}

/** `make` with a shape as one argument, or as a number an axis. */
function creator(make: (shape: Shape, options: CreateOptions) => Tensor<DType>): Creator {
  return (...args: unknown[]) => {
    const axes = args.findIndex((arg) => typeof arg !== 'number');
    const count = axes < 0 ? args.length : axes;
    const [shape, options = {}] = count > 0 && args.length - count < 2 ? [args.slice(0, count), args[count]] : args;
    return make(shape as Shape, options as CreateOptions) as never;
  };
}

/** A tensor of zeros. Throws as `full` does. */
export const zeros = creator((shape, options) => filled('zeros', 'value', shape, 0, 0, options));

/** A tensor of ones. Throws as `full` does. */
export const ones = creator((shape, options) => filled('ones', 'value', shape, 1, 0, options));

/**
 * The numbers `start, start + step, …` below `end` as one axis: `arange(end)` or `arange(start, end, step)`.
 * Throws `ShapeError` when there are none, and `RangeError` when the dtype does not hold them.
 */
export function arange<D extends DType = 'float32'>(
  start: number,
  end?: number,
  step?: number,
  options?: CreateOptions<D>,
): Tensor<NoInfer<D>>;
export function arange(start: number, end?: number, step = 1, options: CreateOptions = {}): Tensor<DType> {
  checkOptions('arange', options, CREATE);
  const [first, last] = end === undefined ? [0, start] : [start, end];
  for (const number of [first, last, step]) checkHolds('arange', 'float32', number);
  const count = Math.ceil((last - first) / step);
  if (!(count >= 1 && count < Infinity))
    throw new ShapeError(`arange: no number lies between ${first} and ${last} in steps of ${step}`);
  const { dtype = 'float32' } = options;
  checkDType('arange', dtype);
  // The last one tells of a step that is no integer only where the second does not.
  for (const i of [1, count - 1]) if (count > 1) checkHolds('arange', dtype, first + i * step);
  return filled('arange', 'range', [count], first, step, options);
}

/** The identity matrix `[n, m]`; `m` defaults to `n`. */
export function eye<D extends DType = 'float32'>(n: number, m?: number, options?: CreateOptions<D>): Tensor<NoInfer<D>>;
export function eye(n: number, m = n, options: CreateOptions = {}): Tensor<DType> {
  return filled('eye', 'eye', [n, m], 0, 0, options);
}

function random(op: string, kind: 'uniform' | 'normal', shape: Shape, options: CreateOptions): Tensor {
  checkOptions(op, options, CREATE);
  if (options.dtype && options.dtype !== 'float32')
    throw new TypeError(`${op}: expected dtype 'float32', got ${JSON.stringify(options.dtype)}`);
  const made = Tensor.empty(shape, 'float32', options.device, op);
  fillRandom(made, kind, 0, 1);
  return finish(made, options);
}

/** Uniform random numbers in [0, 1), from the device's seed. float32 only. */
export const rand: FloatCreator = creator((shape, options) => random('rand', 'uniform', shape, options));

/** Normal random numbers of mean 0 and variance 1, from the device's seed. float32 only. */
export const randn: FloatCreator = creator((shape, options) => random('randn', 'normal', shape, options));

/**
 * Random integers in [low, high) as int32, from the device's seed; none is more likely than another by more than 2^-32.
 * Throws `RangeError` unless low < high are integers that int32 holds (high may be one more).
 */
export function randint(
  low: number,
  high: number,
  shape: Shape,
  options: CreateOptions<'int32'> = {},
): Tensor<'int32'> {
  checkOptions('randint', options, CREATE);
  const { dtype = 'int32', device } = options;
  if ((dtype as DType) !== 'int32')
    throw new TypeError(`randint: expected dtype 'int32', got ${JSON.stringify(dtype)}`);
  if (![low, high].every(Number.isInteger) || low >= high || low < -(2 ** 31) || high > 2 ** 31)
    throw new RangeError(`randint: expected integers low < high within int32, got ${low} and ${high}`);
  const made = Tensor.empty(shape, 'int32', device, 'randint');
  fillRandint(made, low, high);
  return finish(made, options);
}

/** Options for a tensor on the device and of the dtype of `x`. */
function like(op: string, x: Tensor<DType>, options: CreateOptions): CreateOptions {
  checkTensor(op, 'input 0', x);
  checkOptions(op, options, CREATE);
  return { device: x.device, dtype: x.dtype, ...options };
}

/** Zeros in the shape of `x`, and of its dtype and device unless `options` say otherwise. */
export function zerosLike<D extends DType>(x: Tensor<D>, options?: CreateOptions<NoInfer<D>>): Tensor<D>;
export function zerosLike<D extends DType>(x: Tensor<DType>, options: CreateOptions<D>): Tensor<NoInfer<D>>;
export function zerosLike(x: Tensor<DType>, options: CreateOptions = {}): Tensor<DType> {
  const settings = like('zerosLike', x, options);
  return filled('zerosLike', 'value', x.shape, 0, 0, settings);
}

/** Ones in the shape of `x`, and of its dtype and device unless `options` say otherwise. */
export function onesLike<D extends DType>(x: Tensor<D>, options?: CreateOptions<NoInfer<D>>): Tensor<D>;
export function onesLike<D extends DType>(x: Tensor<DType>, options: CreateOptions<D>): Tensor<NoInfer<D>>;
export function onesLike(x: Tensor<DType>, options: CreateOptions = {}): Tensor<DType> {
  const settings = like('onesLike', x, options);
  return filled('onesLike', 'value', x.shape, 1, 0, settings);
}

/** Uniform random numbers in [0, 1) in the shape and on the device of `x`. float32 only: for an `x` of integers, pass the dtype. */
export function randLike(x: Tensor<DType>, options: CreateOptions<'float32'> = {}): Tensor {
  const settings = like('randLike', x, options);
  return random('randLike', 'uniform', x.shape, settings);
}

/** Normal random numbers of mean 0 and variance 1 in the shape and on the device of `x`. float32 only, as `randLike`. */
export function randnLike(x: Tensor<DType>, options: CreateOptions<'float32'> = {}): Tensor {
  const settings = like('randnLike', x, options);
  return random('randnLike', 'normal', x.shape, settings);
}
