import { describeValue } from '../describe';
import { checkHolds, dtypeOf, isTyped, ITEM_BYTES, typedArray, type DType, type TypedArray } from '../dtype';
import { formatShape, placeOf, ShapeError, sizeOf, type Shape } from '../shape';

type Row = ArrayLike<number> & ArrayBufferView;
type BigRow = BigInt64Array | BigUint64Array;

/** A number, or rows of numbers: arrays in arrays, the innermost of which may be typed arrays. */
export type NestedArray = number | readonly NestedArray[] | Row;

/** An image's bytes, as a canvas gives them: the browser's `ImageData`, or an object like it. */
export interface ImageLike {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What tensors are made of. */
export type HostData = NestedArray | BigRow | ImageLike;

type RowDType<T> = T extends Int32Array | BigInt64Array
  ? 'int32'
  : T extends Uint32Array | BigUint64Array
    ? 'uint32'
    : 'float32';

/** The dtype that data of type `T` brings along, typed arrays in up to two levels of plain ones. */
export type DTypeOf<T> = T extends readonly (infer U)[]
  ? U extends readonly (infer V)[]
    ? RowDType<V>
    : RowDType<U>
  : RowDType<T>;

const EXPECTED = 'numbers in (nested) arrays, a typed array or an ImageData';

const isRow = (data: unknown): data is Row | BigRow => ArrayBuffer.isView(data) && !(data instanceof DataView);

const isImage = (data: unknown): data is ImageLike =>
  typeof data === 'object' &&
  data !== null &&
  'width' in data &&
  'height' in data &&
  'data' in data &&
  isRow(data.data);

/** The dtype that rows bring along; bytes and everything else become float32. */
function naturalDType(row: unknown): DType {
  if (row instanceof Int32Array || row instanceof BigInt64Array) return 'int32';
  return row instanceof Uint32Array || row instanceof BigUint64Array ? 'uint32' : 'float32';
}

function shapeOf(data: unknown): { shape: number[]; innermost: unknown } {
  const shape: number[] = [];
  let level = data;
  while (Array.isArray(level) || isRow(level)) {
    shape.push(level.length);
    if (isRow(level)) break;
    level = level[0] as unknown;
  }
  return { shape, innermost: level };
}

/**
 * Host numbers as elements of `dtype` (default: what the data brings along) and their shape. int32 and uint32 data brings its
 * dtype along, and 64-bit integers that of 32 bits; all other numbers become float32, bytes as they are (0 to 255). A number is
 * rounded to the nearest float32, but for integers out of integer arrays, which must be exact.
 * Throws `ShapeError` for rows that differ in length, `TypeError` for other data, and `RangeError`, with value and place, for a
 * number that the dtype does not hold.
 */
export function fromHost(op: string, data: unknown, dtype?: DType): { values: TypedArray; shape: Shape } {
  if (isImage(data)) {
    const shape = [data.height, data.width, 4];
    const { values } = fromHost(op, data.data, dtype);
    if (values.length === sizeOf(shape)) return { values, shape };
    throw new ShapeError(`${op}: expected ${formatShape(shape)} bytes of an image, got ${values.length}`);
  }
  const { shape, innermost } = shapeOf(data);
  const natural = naturalDType(innermost);
  const target = dtype ?? natural;
  if (isTyped(data) && dtypeOf(data) === target) return { values: data, shape };
  const values = typedArray(target, new ArrayBuffer(ITEM_BYTES * sizeOf(shape)));
  let at = 0;
  const put = (item: unknown): void => {
    const value = typeof item === 'bigint' ? Number(item) : item;
    if (Array.isArray(value) || isRow(value)) throw new ShapeError(`${op}: rows of different depth`);
    if (typeof value !== 'number') throw new TypeError(`${op}: expected ${EXPECTED}, got ${describeValue(value)}`);
    values[at] = value;
    const held = values[at];
    const rounds = target === 'float32' && natural === 'float32';
    if (typeof item === 'bigint' || (held !== value && !(rounds && Number.isFinite(held)))) {
      checkHolds(op, target, item as number | bigint, natural !== 'float32', () => placeOf(at, shape));
    }
    at++;
  };
  const walk = (level: unknown, axis: number): void => {
    if (!Array.isArray(level) && !isRow(level)) {
      if (typeof level === 'number') throw new ShapeError(`${op}: rows of different depth`);
      throw new TypeError(`${op}: expected ${EXPECTED}, got ${describeValue(level)}`);
    }
    if (level.length !== shape[axis])
      throw new ShapeError(`${op}: rows of ${shape[axis]} and of ${level.length} entries in axis ${axis}`);
    const last = axis === shape.length - 1;
    if (last) for (const item of level as Iterable<unknown>) put(item);
    else for (const item of level as Iterable<unknown>) walk(item, axis + 1);
  };
  if (shape.length === 0) put(data);
  else walk(data, 0);
  return { values, shape };
}
