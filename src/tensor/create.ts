import type { Device } from '../runtime/device';
import { dtypeOf, WGSL_TYPE, type DType, type TypedArray } from './dtype';
import { elementKernel, launchElements } from '../runtime/kernels/element-kernel';
import { checkShape, formatShape, ShapeError, sizeOf, type Shape } from './shape';
import { Tensor } from './tensor';

const FILL = elementKernel('fill', () => import('./shaders.lazy'));
const RANDOM = elementKernel('random', () => import('./shaders.lazy'));

export interface CreateOptions {
  /** Default: the first device opened. */
  device?: Device;
  /** Element type; default float32. */
  dtype?: DType;
  /** Whether `backward()` shall compute this tensor's gradient; default false. */
  requiresGrad?: boolean;
}

export type NestedArray = number | readonly NestedArray[];

function finish(made: Tensor, { requiresGrad = false }: CreateOptions): Tensor {
  made.requiresGrad = requiresGrad;
  return made;
}

function nestedShape(data: NestedArray): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0] as NestedArray) {
    shape.push(level.length);
  }
  return shape;
}

function flattenInto(data: NestedArray, shape: Shape, axis: number, out: number[]): void {
  if (typeof data === 'number') {
    if (axis !== shape.length) throw new ShapeError('tensor: rows of different depth');
    out.push(data);
    return;
  }
  if (!Array.isArray(data)) throw new TypeError(`tensor: numbers in (nested) arrays are wanted, got ${String(data)}`);
  if (axis === shape.length) throw new ShapeError('tensor: rows of different depth');
  if (data.length !== shape[axis])
    throw new ShapeError(`tensor: rows of ${shape[axis]} and of ${data.length} entries in axis ${axis}`);
  for (const item of data as readonly NestedArray[]) flattenInto(item, shape, axis + 1, out);
}

/**
 * A tensor from numbers: a nested array, or a typed array with its shape (default: one axis). A typed array brings its
 * element type along. Throws `ShapeError` when rows differ in length or the data does not fill `shape`.
 */
export function tensor(data: NestedArray | TypedArray, options: CreateOptions & { shape?: Shape } = {}): Tensor {
  let flat: TypedArray;
  let shape: Shape;
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint32Array) {
    flat = data;
    shape = options.shape ?? [data.length];
  } else {
    shape = nestedShape(data);
    const numbers: number[] = [];
    flattenInto(data, shape, 0, numbers);
    shape = options.shape ?? shape;
    flat = new Float32Array(numbers);
    if (options.dtype === 'int32') flat = new Int32Array(numbers);
    if (options.dtype === 'uint32') flat = new Uint32Array(numbers);
  }
  const dtype = dtypeOf(flat);
  if (options.dtype && options.dtype !== dtype) {
    throw new TypeError(`tensor: dtype ${options.dtype} was asked for, but the data is a ${flat.constructor.name}`);
  }
  checkShape('tensor', shape);
  if (sizeOf(shape) !== flat.length) {
    throw new ShapeError(`tensor: shape ${formatShape(shape)} wants ${sizeOf(shape)} numbers, got ${flat.length}`);
  }
  const made = Tensor.empty(shape, dtype, options.device);
  made.write(flat);
  return finish(made, options);
}

function launchFill(op: string, kind: string, target: Tensor, value: number, step: number): void {
  const params = { n: target.size, columns: target.shape.at(-1) ?? 1, value, step };
  launchElements(target.device, op, FILL, target.size, [target], params, { KIND: kind, T: WGSL_TYPE[target.dtype] });
}

function filled(op: string, kind: string, shape: Shape, value: number, step: number, options: CreateOptions): Tensor {
  const made = Tensor.empty(shape, options.dtype, options.device, op);
  launchFill(op, kind, made, value, step);
  return finish(made, options);
}

/** Overwrites every element with `value`. */
export function fillConstant(op: string, target: Tensor, value: number): void {
  launchFill(op, 'value', target, value, 0);
  target.version.bump();
}

/** A tensor with every element `value`. Throws `ShapeError` where an axis is not an integer >= 1, as all of these do. */
export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  return filled('full', 'value', shape, value, 0, options);
}

export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled('zeros', 'value', shape, 0, 0, options);
}

export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled('ones', 'value', shape, 1, 0, options);
}

/**
 * The numbers `start, start + step, …` below `end` as one axis: `arange(end)` or `arange(start, end, step)`.
 * Throws `ShapeError` when there are none.
 */
export function arange(start: number, end?: number, step = 1, options: CreateOptions = {}): Tensor {
  const [first, last] = end === undefined ? [0, start] : [start, end];
  const count = Math.ceil((last - first) / step);
  if (step === 0) throw new ShapeError('arange: step must not be 0');
  if (!(count >= 1)) throw new ShapeError(`arange: no number lies between ${first} and ${last} in steps of ${step}`);
  return filled('arange', 'range', [count], first, step, options);
}

/** The identity matrix `[n, m]`; `m` defaults to `n`. */
export function eye(n: number, m = n, options: CreateOptions = {}): Tensor {
  return filled('eye', 'eye', [n, m], 0, 0, options);
}

/** Overwrites the elements with random numbers from the device's generator: uniform in [low, high), or normal (mean, deviation). */
export function fillRandom(target: Tensor, kind: 'uniform' | 'normal', low: number, high: number): void {
  const { generator } = target.device;
  const params = () => {
    const offset = generator.take(target.size);
    return {
      n: target.size,
      seed_low: generator.seed >>> 0,
      seed_high: Math.floor(generator.seed / 2 ** 32),
      offset_low: offset >>> 0,
      offset_high: Math.floor(offset / 2 ** 32),
      low,
      high,
    };
  };
  launchElements(target.device, 'random', RANDOM, Math.ceil(target.size / 4), [target], params, { KIND: kind });
  target.version.bump();
}

function random(op: string, kind: 'uniform' | 'normal', shape: Shape, options: CreateOptions): Tensor {
  if (options.dtype && options.dtype !== 'float32') {
    throw new TypeError(`${op}: random numbers are float32, but dtype ${options.dtype} was asked for`);
  }
  const made = Tensor.empty(shape, 'float32', options.device, op);
  fillRandom(made, kind, 0, 1);
  return finish(made, options);
}

/** Uniform random numbers in [0, 1), from the device's seed. float32 only. */
export function rand(shape: Shape, options: CreateOptions = {}): Tensor {
  return random('rand', 'uniform', shape, options);
}

/** Normal random numbers of mean 0 and variance 1, from the device's seed. float32 only. */
export function randn(shape: Shape, options: CreateOptions = {}): Tensor {
  return random('randn', 'normal', shape, options);
}
