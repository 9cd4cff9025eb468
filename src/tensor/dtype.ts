import { describeValue } from './describe';

/** Element types; each is 4 bytes. Labels and indices are `int32` or `uint32`, everything differentiable is `float32`. */
export type DType = 'float32' | 'int32' | 'uint32';

interface ArrayTypes {
  float32: Float32Array;
  int32: Int32Array;
  uint32: Uint32Array;
}

/** Elements on the host, one kind of array for each dtype. */
export type TypedArray<D extends DType = DType> = ArrayTypes[D];

export const ITEM_BYTES = 4;

/** The type's name in WGSL. */
export const WGSL_TYPE: Readonly<Record<DType, string>> = { float32: 'f32', int32: 'i32', uint32: 'u32' };

export const isTyped = (data: unknown): data is TypedArray =>
  data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint32Array;

/** Throws `TypeError` unless `dtype` is one. */
export function checkDType(op: string, dtype: DType): void {
  if (!Object.hasOwn(WGSL_TYPE, dtype))
    throw new TypeError(`${op}: expected dtype 'float32', 'int32' or 'uint32', got ${JSON.stringify(dtype)}`);
}

const RANGE = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] } as const;

/**
 * Throws `RangeError` for a number that a tensor of `dtype` does not hold: one out of its range, a fraction among integers, or
 * (`exact`) one that float32 would round.
 */
export function checkHolds(
  op: string,
  dtype: DType,
  value: number | bigint,
  exact = false,
  place?: () => string,
): void {
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new TypeError(`${op}: expected a number, got ${describeValue(value)}`);
  const number = Number(value);
  const refuse = (why: string): never => {
    throw new RangeError(`${op}: ${value}${place ? ` at ${place()}` : ''} ${why}`);
  };
  if (dtype === 'float32') {
    const held = Math.fround(number);
    if (!Number.isFinite(held) && Number.isFinite(number)) refuse('is too large for float32');
    if (exact && Number.isInteger(number) && BigInt(held) !== BigInt(value))
      refuse('cannot be held exactly by float32');
    return;
  }
  const [low, high] = RANGE[dtype];
  if (!Number.isInteger(number)) refuse(`is not an integer, which ${dtype} holds`);
  if (number < low || number > high) refuse(`is out of range for ${dtype} (${low} to ${high})`);
}

const ARRAY = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array } as const;

export const typedArray = <D extends DType>(dtype: D, buffer: ArrayBuffer): TypedArray<D> =>
  new ARRAY[dtype](buffer) as TypedArray<D>;

export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32';
  return array instanceof Int32Array ? 'int32' : 'uint32';
}
