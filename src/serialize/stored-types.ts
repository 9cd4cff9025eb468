import type { DType, TypedArray } from '../tensor/dtype';

interface StoredType {
  /** Bytes per element in the file. */
  size: number;
  /** What it becomes here. */
  dtype: DType;
  /** `bytes` is an aligned copy that the result may keep. Throws `RangeError` with the reason alone. */
  read: (bytes: Uint8Array<ArrayBuffer>) => TypedArray;
}

/**
 * The element types of a safetensors file that are read here: signed integers become int32, unsigned ones and booleans uint32,
 * all others float32. The format is little-endian, as is every machine with WebGPU, so that four-byte types are taken as they lie.
 */
const STORED: Readonly<Record<string, StoredType>> = {
  F32: { size: 4, dtype: 'float32', read: ({ buffer }) => new Float32Array(buffer) },
  I32: { size: 4, dtype: 'int32', read: ({ buffer }) => new Int32Array(buffer) },
  U32: { size: 4, dtype: 'uint32', read: ({ buffer }) => new Uint32Array(buffer) },
  F64: { size: 8, dtype: 'float32', read: ({ buffer }) => roundToFloat32(new Float64Array(buffer)) },
  F16: { size: 2, dtype: 'float32', read: ({ buffer }) => fromBits(new Uint16Array(buffer), halfToFloatBits) },
  BF16: { size: 2, dtype: 'float32', read: ({ buffer }) => fromBits(new Uint16Array(buffer), (bits) => bits << 16) },
  BOOL: { size: 1, dtype: 'uint32', read: booleans },
  I8: { size: 1, dtype: 'int32', read: ({ buffer }) => new Int32Array(new Int8Array(buffer)) },
  U8: { size: 1, dtype: 'uint32', read: (bytes) => new Uint32Array(bytes) },
  I16: { size: 2, dtype: 'int32', read: ({ buffer }) => new Int32Array(new Int16Array(buffer)) },
  U16: { size: 2, dtype: 'uint32', read: ({ buffer }) => new Uint32Array(new Uint16Array(buffer)) },
  I64: { size: 8, dtype: 'int32', read: ({ buffer }) => lowWords('I64', 'int32', new Int32Array(buffer)) },
  U64: { size: 8, dtype: 'uint32', read: ({ buffer }) => lowWords('U64', 'uint32', new Uint32Array(buffer)) },
};

export const STORED_NAMES: readonly string[] = Object.keys(STORED);

/** The stored type of this name, or undefined for one that is not read here. */
export function storedType(name: string): StoredType | undefined {
  return Object.hasOwn(STORED, name) ? STORED[name] : undefined;
}

/** The stored type that each type here is written as. */
export const WRITTEN: Readonly<Record<DType, string>> = { float32: 'F32', int32: 'I32', uint32: 'U32' };

function fromBits(stored: Uint16Array, widen: (bits: number) => number): Float32Array {
  const bits = new Uint32Array(stored.length);
  for (let i = 0; i < stored.length; i++) bits[i] = widen(stored[i]);
  return new Float32Array(bits.buffer);
}

/** The bits of an IEEE 754 half as those of the float of the same value; a NaN keeps its payload. */
function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  let mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // A subnormal half is a normal float: shift its leading one up to the hidden bit.
  const shift = Math.clz32(mantissa) - 21;
  mantissa = (mantissa << shift) & 0x3ff;
  return sign | ((113 - shift) << 23) | (mantissa << 13);
}

function roundToFloat32(doubles: Float64Array): Float32Array {
  const out = new Float32Array(doubles);
  const lost = out.findIndex((x, i) => Math.abs(x) === Infinity && Number.isFinite(doubles[i]));
  if (lost >= 0) throw new RangeError(`F64 value ${doubles[lost]} at index ${lost} is beyond the range of float32`);
  return out;
}

function booleans(bytes: Uint8Array): Uint32Array {
  const bad = bytes.findIndex((byte) => byte > 1);
  if (bad >= 0) throw new RangeError(`BOOL value ${bytes[bad]} at index ${bad}, expected 0 or 1`);
  return new Uint32Array(bytes);
}

/** 64-bit integers, given as pairs of words (low, high), as 32-bit ones. */
function lowWords<T extends Int32Array | Uint32Array>(type: string, into: DType, words: T): T {
  const out = words.slice(0, words.length / 2) as T;
  for (let i = 0; i < out.length; i++) {
    const [low, high] = [words[2 * i], words[2 * i + 1]];
    if (high !== (into === 'int32' ? low >> 31 : 0)) {
      const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
      throw new RangeError(`${type} value ${value.toString()} at index ${i} does not fit in ${into}`);
    }
    out[i] = low;
  }
  return out;
}
