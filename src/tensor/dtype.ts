/** Element types; each is 4 bytes. Labels and indices are `int32` or `uint32`, everything differentiable is `float32`. */
export type DType = 'float32' | 'int32' | 'uint32';

export type TypedArray = Float32Array | Int32Array | Uint32Array;

export const ITEM_BYTES = 4;

/** The type's name in WGSL. */
export const WGSL_TYPE: Readonly<Record<DType, string>> = { float32: 'f32', int32: 'i32', uint32: 'u32' };

export function typedArray(dtype: DType, buffer: ArrayBuffer): TypedArray {
  if (dtype === 'float32') return new Float32Array(buffer);
  return dtype === 'int32' ? new Int32Array(buffer) : new Uint32Array(buffer);
}

export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32';
  return array instanceof Int32Array ? 'int32' : 'uint32';
}
