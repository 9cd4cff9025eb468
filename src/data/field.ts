import { checkOptions } from '../device/options';
import type { Device } from '../runtime/device';
import { copyCommand } from '../runtime/stream/commands';
import { tensor } from '../tensor/create/create';
import { describeValue } from '../tensor/describe';
import { checkDType, dtypeOf, type DType, type TypedArray } from '../tensor/dtype';
import { fromHost, type DTypeOf, type HostData } from '../tensor/create/host-data';
import { checkShape, formatShape, ShapeError, sizeOf, type Shape } from '../tensor/shape';
import { checkTensor, Tensor } from '../tensor/tensor';

/** Numbers, with what is to be known about them. */
export interface FieldInit {
  readonly data: HostData;
  /** Default: that of the data. Of a field of `dataset(...)`: the shape of one example. */
  readonly shape?: Shape;
  /** Default: by the rule of `tensor()`, so that plain numbers and bytes become float32. */
  readonly dtype?: DType;
}

/** One of the values of an example, or all of them in a row. */
export type Field = HostData | Tensor<DType> | FieldInit;

/** The fields of an example. */
export type Fields = readonly [Field, ...Field[]];

/** The tensors of a batch. */
export type Tensors = readonly Tensor<DType>[];

/** The dtype that a field of type `F` has in a batch. */
type FieldDType<F> =
  F extends Tensor<infer D>
    ? D
    : F extends { readonly dtype: infer D extends DType }
      ? D
      : F extends { readonly data: infer T; readonly width?: undefined }
        ? DTypeOf<T>
        : DTypeOf<F>;

/** The batch of examples of type `E`: a tensor for each field of a tuple, one tensor for anything else. */
export type BatchOf<E> = E extends readonly Field[]
  ? { -readonly [K in keyof E]: Tensor<FieldDType<E[K]>> }
  : [Tensor<FieldDType<E>>];

/** A field on the host. */
export interface Elements {
  /** Bytes stay bytes until they are in a batch. */
  readonly values: TypedArray | Uint8Array | Uint8ClampedArray;
  readonly dtype: DType;
  /** That of the data. */
  readonly own: Shape;
  /** That which was asked for. */
  readonly shape: Shape | undefined;
}

const isBytes = (data: unknown): data is Uint8Array | Uint8ClampedArray =>
  data instanceof Uint8Array || data instanceof Uint8ClampedArray;

/** Whether `value` is a `FieldInit`, and not an image. */
const isInit = (value: unknown): value is FieldInit =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  'data' in value &&
  !('width' in value);

/** The numbers of a field that is no tensor; `dtype` is the default in place of that of the data. */
export function elementsOf(op: string, field: unknown, dtype?: DType): Elements {
  const init: FieldInit = isInit(field) ? field : { data: field as HostData };
  if (init === field) checkOptions(op, init, 'data shape dtype');
  const { data, shape } = init;
  const asked = init.dtype ?? dtype;
  if (asked !== undefined) checkDType(op, asked);
  if (shape !== undefined) checkShape(op, shape);
  if (isBytes(data)) return { values: data, dtype: asked ?? 'float32', own: [data.length], shape };
  const { values, shape: own } = fromHost(op, data, asked);
  return { values, dtype: dtypeOf(values), own, shape };
}

/** Fills a tensor of this shape with numbers on the host. */
export function upload(shape: Shape, values: TypedArray, device: Device): Tensor<DType> {
  const made = Tensor.empty(shape, dtypeOf(values), device, 'loader');
  made.write(values);
  return made;
}

/** Copies `size` bytes from byte `from` of one tensor to byte `to` of another. */
export function copyBytes(source: Tensor<DType>, from: number, target: Tensor<DType>, to: number, size: number): void {
  source.device.stream.push(
    copyCommand(
      { storage: source.storage, offset: source.offset + from, size },
      { storage: target.storage, offset: target.offset + to, size },
    ),
  );
}

/** Throws `TypeError` for a tensor on another device than the loader's, and `DisposedError` for one that was freed. */
export function checkField(field: Tensor<DType>, k: number, device: Device): void {
  checkTensor('loader', `field ${k}`, field);
  if (field.device !== device) throw new TypeError(`loader: field ${k} is on another device than the loader`);
}

/** A field that is all of a batch. */
export function wholeBatch(field: unknown, k: number, device: Device): Tensor<DType> {
  if (field instanceof Tensor) {
    checkField(field, k, device);
    return field;
  }
  if (!isInit(field)) return tensor(field as HostData, { device });
  checkOptions('loader', field, 'data shape dtype');
  const { data, ...rest } = field;
  return tensor(data, { ...rest, device });
}

/** The fields of an example: itself, if it is no array. Throws `TypeError` for an empty array. */
export function fieldsIn(what: string, example: unknown): readonly unknown[] {
  const fields = Array.isArray(example) ? (example as unknown[]) : [example];
  if (fields.length === 0 || example === undefined)
    throw new TypeError(`loader: expected ${what} to be an array of fields, got ${describeValue(example)}`);
  return fields;
}

/** Throws `ShapeError` unless the data of field `k` fills its shape; returns this. */
export function filledShape({ values, own, shape }: Elements, k: number): Shape {
  if (shape === undefined || sizeOf(shape) === values.length) return shape ?? own;
  throw new ShapeError(
    `loader: expected ${sizeOf(shape)} numbers for shape ${formatShape(shape)} in field ${k}, got ${values.length}`,
  );
}
