import { decodeSafetensors, type HostTensor } from '../../src/serialize';

export const f32 = (shape: number[], ...values: number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

/** A file with this header text and `data` bytes of data; `length` overrides the length that the file claims for the header. */
export function file(header: string | Uint8Array, data = 0, length?: number): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  return bytes;
}

export const entry = (dtype: string, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

/** One tensor `w` whose data section holds `data`. */
export function one(dtype: string, data: ArrayBufferView, shape: number[]): Uint8Array {
  const bytes = file(`{"w":${entry(dtype, shape, [0, data.byteLength])}}`, data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), bytes.length - data.byteLength);
  return bytes;
}

export const decodeOne = (dtype: string, data: ArrayBufferView, shape: number[]) =>
  decodeSafetensors(one(dtype, data, shape), 'f').tensors.w;

export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : 'not an Error';
  }
  return 'no error';
}

export const TYPES = 'F32, I32, U32, F64, F16, BF16, BOOL, I8, U8, I16, U16, I64, U64';
export const REMEDY = 'leave it out by the option `names` to read the others';
