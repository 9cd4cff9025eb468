/** Typed arrays of numbers; those of bigints are left out. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** What a dataset is made from. */
export type HostArray = NumberArray | readonly number[];

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** What `value` is, without printing data. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return value.constructor.name;
  return typeof value === 'string' ? 'a string' : String(value);
}

/** Throws `TypeError` unless `data` is a typed array of numbers or a flat array of numbers. */
export function checkHostArray(argument: string, data: unknown): asserts data is HostArray {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return;
  } else if (Array.isArray(data)) {
    // Not findIndex() alone: a hole is no number either.
    const bad = Array.from(data as unknown[]).findIndex((x) => typeof x !== 'number');
    if (bad < 0) return;
    throw new TypeError(`${argument}: expected a flat array of numbers, got ${kindOf(data[bad])} at index ${bad}`);
  }
  throw new TypeError(`${argument}: expected a typed array of numbers or a flat array of numbers, got ${kindOf(data)}`);
}

/** `data` as float32, rounded to the nearest. Throws `RangeError` for a finite number that float32 cannot hold, or an integer that it rounds. */
export function toFloat32(argument: string, data: HostArray): Float32Array {
  if (data instanceof Float32Array) return data;
  const floats = Float32Array.from(data);
  const integers = data instanceof Int32Array || data instanceof Uint32Array;
  const lost = floats.findIndex((x, i) => (integers ? x !== data[i] : Number.isFinite(data[i]) && !Number.isFinite(x)));
  if (lost >= 0) throw new RangeError(`${argument}: ${data[lost]} at index ${lost} does not fit in float32`);
  return floats;
}

/** `data`, whose elements are integers, as int32. Throws `RangeError` for one that int32 cannot hold. */
export function toInt32(argument: string, data: HostArray): Int32Array {
  if (data instanceof Int32Array) return data;
  const lost = data.findIndex((x) => x < INT32.min || x > INT32.max);
  if (lost >= 0) throw new RangeError(`${argument}: ${data[lost]} at index ${lost} does not fit in int32`);
  return Int32Array.from(data);
}
