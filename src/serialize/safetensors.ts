import { STORED_TYPES, WRITTEN, type HostData, type HostDtype } from './safetensors-dtypes';
import { LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY, readHeader, show } from './safetensors-header';

/** A tensor in the host's memory: `data` is row-major and as long as the product of `shape`, which is `[]` for a scalar. */
export interface HostTensor {
  dtype: HostDtype;
  shape: readonly number[];
  data: HostData;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };

/**
 * The bytes of a safetensors file (https://huggingface.co/docs/safetensors) that holds `tensors`, in their order, and `metadata`.
 * The same input gives the same bytes.
 *
 * @throws Error when a tensor's data is not of its dtype or not as long as its shape says, or a name cannot be written.
 */
export function encodeSafetensors(tensors: Record<string, HostTensor>, metadata?: Record<string, string>): Uint8Array {
  // Built as text, not as an object: a name such as __proto__ is then one like any other.
  const fields: string[] = [];
  if (metadata) {
    for (const text of Object.entries(metadata).flat()) checkText(text, `metadata ${show(text)}`);
    fields.push(`${JSON.stringify(METADATA_KEY)}:${JSON.stringify(metadata)}`);
  }
  let end = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    checkTensor(name, tensor);
    const begin = end;
    end += tensor.data.byteLength;
    const entry = { dtype: WRITTEN[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = Math.ceil(header.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES) {
    throw new Error(`encodeSafetensors: header takes ${padded} bytes, wanted at most ${MAX_HEADER_BYTES}`);
  }

  const bytes = new Uint8Array(LENGTH_BYTES + padded + end);
  new DataView(bytes.buffer).setUint32(0, padded, true);
  bytes.set(header, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + header.length, LENGTH_BYTES + padded);
  let at = LENGTH_BYTES + padded;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors and metadata of a safetensors file. F32, I32 and U32 are read bit for bit; F16, BF16 and F64 become float32 (F64
 * rounded; past float32's range, infinite); I64 becomes int32. The data is copied, so `bytes` may be dropped. `name` is what errors
 * call the file. Both results have no prototype: every name is harmless as a key.
 *
 * @throws Error in one line that names file, tensor and mismatch: before anything is allocated for a malformed header, or when an
 * I64 value does not fit in int32.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  name: string,
): { tensors: Record<string, HostTensor>; metadata: Record<string, string> } {
  const { entries, metadata, dataStart } = readHeader(bytes, name);
  const tensors = Object.create(null) as Record<string, HostTensor>;
  for (const entry of entries) {
    const type = STORED_TYPES[entry.dtype];
    // Not bytes.slice(): a Node Buffer's gives a view, and the data may lie unaligned.
    const own = new Uint8Array(bytes.subarray(dataStart + entry.begin, dataStart + entry.end));
    try {
      tensors[entry.name] = { dtype: type.dtype, shape: entry.shape, data: type.read(own) };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${name}: tensor ${show(entry.name)}: ${why}`, { cause });
    }
  }
  return { tensors, metadata };
}

function checkTensor(name: string, { dtype, shape, data }: HostTensor): void {
  const where = `encodeSafetensors: tensor ${show(name)}`;
  if (name === METADATA_KEY) throw new Error(`${where}: the format keeps this name for its metadata`);
  checkText(name, where.slice('encodeSafetensors: '.length));
  if (!(data instanceof ARRAYS[dtype])) {
    throw new Error(`${where}: dtype ${dtype} but data is a ${data.constructor.name}, wanted ${ARRAYS[dtype].name}`);
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new Error(`${where}: shape [${shape.join(', ')}], wanted whole numbers from 0`);
  }
  const wanted = shape.reduce((a, b) => a * b, 1);
  if (data.length !== wanted) {
    throw new Error(`${where}: shape [${shape.join(', ')}] wants ${wanted} elements, data has ${data.length}`);
  }
}

/** Half of a surrogate pair has no UTF-8, and other readers refuse it. */
function checkText(text: string, what: string): void {
  if (/\p{Surrogate}/u.test(text)) throw new Error(`encodeSafetensors: ${what} holds half of a surrogate pair`);
}
