/** The element types that a tensor here can hold. */
export type HostDtype = 'float32' | 'int32' | 'uint32';
export type HostData = Float32Array | Int32Array | Uint32Array;

interface StoredType {
  /** Bytes per element in the file. */
  size: number;
  /** What it becomes here. */
  dtype: HostDtype;
  /** `bytes` is an aligned copy that the result may keep. Throws an Error with the reason alone. */
  read: (bytes: Uint8Array<ArrayBuffer>) => HostData;
}

/**
 * The element types of a safetensors file that are read here. The format is little-endian, as is every machine with WebGPU, so that
 * four-byte types are taken as they lie.
 */
const STORED = {
  F32: { size: 4, dtype: 'float32', read: ({ buffer }) => new Float32Array(buffer) },
  I32: { size: 4, dtype: 'int32', read: ({ buffer }) => new Int32Array(buffer) },
  U32: { size: 4, dtype: 'uint32', read: ({ buffer }) => new Uint32Array(buffer) },
  F64: { size: 8, dtype: 'float32', read: ({ buffer }) => new Float32Array(new Float64Array(buffer)) },
  F16: { size: 2, dtype: 'float32', read: ({ buffer }) => fromBits(new Uint16Array(buffer), halfToFloatBits) },
  BF16: { size: 2, dtype: 'float32', read: ({ buffer }) => fromBits(new Uint16Array(buffer), (bits) => bits << 16) },
  I64: { size: 8, dtype: 'int32', read: ({ buffer }) => narrow(new Int32Array(buffer)) },
} satisfies Record<string, StoredType>;

export type StoredDtype = keyof typeof STORED;

export const STORED_TYPES: Readonly<Record<StoredDtype, StoredType>> = STORED;
export const STORED_NAMES: readonly string[] = Object.keys(STORED);

export function isStoredDtype(name: string): name is StoredDtype {
  return Object.hasOwn(STORED, name);
}

/** How each type here is written. */
export const WRITTEN: Readonly<Record<HostDtype, StoredDtype>> = { float32: 'F32', int32: 'I32', uint32: 'U32' };

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

/** 64-bit integers, given as pairs of words (low, high), as 32-bit ones. */
function narrow(words: Int32Array): Int32Array {
  const out = new Int32Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    const low = words[2 * i];
    const high = words[2 * i + 1];
    if (high !== low >> 31) {
      const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
      throw new Error(`I64 value ${value.toString()} at index ${i} does not fit in int32`);
    }
    out[i] = low;
  }
  return out;
}
