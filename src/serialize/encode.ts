import { ShapeError, sizeOf } from '../tensor/shape';
import { LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY } from './header';
import type { HostTensor } from './host-tensor';
import { show } from './show';
import { WRITTEN } from './stored-types';

const OP = 'encodeSafetensors';
const ARRAYS = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };

/**
 * The bytes of a safetensors file (https://huggingface.co/docs/safetensors) that holds `tensors`, in their order, and `metadata`.
 * The same input gives the same bytes.
 *
 * @throws TypeError when a tensor's data is not of its dtype, ShapeError when it is not as long as its shape says, RangeError for a
 * name or metadata that cannot be written.
 */
export function encodeSafetensors(tensors: Record<string, HostTensor>, metadata?: Record<string, string>): Uint8Array {
  // Built as text, not as an object: a name such as __proto__ is then one like any other.
  const fields: string[] = [];
  if (metadata) {
    for (const [key, text] of Object.entries(metadata)) {
      for (const part of [key, text]) checkText(part, `metadata ${show(key)}`);
    }
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
    throw new RangeError(`${OP}: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${padded}`);
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

function checkTensor(name: string, { dtype, shape, data }: HostTensor): void {
  const what = `tensor ${show(name)}`;
  const where = `${OP}: ${what}`;
  if (name === METADATA_KEY) throw new RangeError(`${where}: the format reserves this name for its metadata`);
  checkText(name, what);
  if (!(data instanceof ARRAYS[dtype])) {
    throw new TypeError(`${where}: expected ${ARRAYS[dtype].name} for ${dtype}, got ${data.constructor.name}`);
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ShapeError(`${where}: expected a shape of integers >= 0, got ${show(shape)}`);
  }
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(`${where}: expected ${sizeOf(shape)} elements for shape ${show(shape)}, got ${data.length}`);
  }
}

/** Half of a surrogate pair has no UTF-8, and other readers refuse it. */
function checkText(text: unknown, what: string): void {
  if (typeof text !== 'string') throw new TypeError(`${OP}: ${what}: expected a string, got ${show(text)}`);
  if (/\p{Surrogate}/u.test(text)) throw new RangeError(`${OP}: ${what} holds half of a surrogate pair`);
}
