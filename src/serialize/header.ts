import { FileError } from '../device/file-error';
import { duplicateKey } from './duplicate-key';
import { show } from './show';
import { storedType } from './stored-types';

/**
 * A tensor's place in the file: bytes `begin` to `end` of the data section, which agree with its shape and type where the type
 * is known here.
 */
export interface TensorEntry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

export interface Header {
  entries: TensorEntry[];
  metadata: Record<string, string>;
  /** Where the data section begins in the file. */
  dataStart: number;
}

export const METADATA_KEY = '__metadata__';
/** The reference implementation's bound on a header (MAX_HEADER_SIZE in safetensors/src/tensor.rs). */
export const MAX_HEADER_BYTES = 100_000_000;
export const LENGTH_BYTES = 8;

/**
 * Reads and checks the header of a safetensors file against the length of the file: when this returns, every entry lies within the
 * data section, has the size that its shape and type give, and each byte of the section belongs to exactly one entry.
 *
 * @throws FileError that begins with `file` and names the tensor.
 */
export function readHeader(bytes: Uint8Array, file: string): Header {
  const text = headerText(bytes, file);
  const header = parseObject(text.json, file);
  const data = bytes.length - text.end;
  const entries: TensorEntry[] = [];
  const metadata = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA_KEY) readMetadata(value, metadata, file);
    else entries.push(readEntry(name, value, data, `${file}: tensor ${show(name)}`));
  }
  checkCover(entries, data, file);
  return { entries, metadata, dataStart: text.end };
}

function headerText(bytes: Uint8Array, file: string): { json: string; end: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw new FileError(
      `${file}: not a safetensors file: expected at least ${LENGTH_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER_BYTES) {
    throw new FileError(
      `${file}: not a safetensors file: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`,
    );
  }
  const end = LENGTH_BYTES + length;
  if (end > bytes.length) {
    throw new FileError(`${file}: truncated: header takes ${length} bytes, file has ${bytes.length - LENGTH_BYTES}`);
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { json: decoder.decode(new Uint8Array(bytes.subarray(LENGTH_BYTES, end))), end };
  } catch (cause) {
    throw new FileError(`${file}: header is not UTF-8`, { cause });
  }
}

function parseObject(json: string, file: string): object {
  if (!json.startsWith('{')) {
    throw new FileError(`${file}: expected a header that begins with {, got ${show(json.slice(0, 8))}`);
  }
  let header: object;
  try {
    header = JSON.parse(json) as object;
  } catch (cause) {
    throw new FileError(`${file}: header is not JSON`, { cause });
  }
  const twice = duplicateKey(json);
  if (twice !== undefined) throw new FileError(`${file}: header holds the key ${show(twice)} twice`);
  return header;
}

function readMetadata(value: unknown, into: Record<string, string>, file: string): void {
  if (!isObject(value))
    throw new FileError(`${file}: expected ${METADATA_KEY} to be an object of strings, got ${show(value)}`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new FileError(`${file}: ${METADATA_KEY} ${show(key)}: expected a string, got ${show(text)}`);
    }
    into[key] = text;
  }
}

/** `where` begins the errors; `data` is the length of the data section. */
function readEntry(name: string, value: unknown, data: number, where: string): TensorEntry {
  if (!isObject(value)) throw new FileError(`${where}: expected an object, got ${show(value)}`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw new FileError(`${where}: expected a dtype, got ${show(dtype)}`);
  if (!isSizes(shape)) throw new FileError(`${where}: expected a shape of integers >= 0, got ${show(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new FileError(`${where}: expected data_offsets of two integers >= 0, got ${show(offsets)}`);
  }
  const [begin, end] = offsets;
  if (begin > end) throw new FileError(`${where}: data_offsets ${show(offsets)} end before they begin`);
  if (end > data)
    throw new FileError(`${where}: data_offsets ${show(offsets)} pass the end of the data, ${data} bytes`);
  const type = storedType(dtype);
  const size = type ? byteSize(shape, type.size) : end - begin;
  if (size !== end - begin) {
    throw new FileError(
      `${where}: ${dtype} of shape ${show(shape)} takes ${size} bytes, data_offsets ${show(offsets)} hold ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The offsets must cover the data from end to end, each byte once. */
function checkCover(entries: readonly TensorEntry[], data: number, file: string): void {
  let covered = 0;
  let before = '';
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const where = `${file}: tensor ${show(name)}: data_offsets [${begin},${end}]`;
      throw new FileError(
        begin < covered
          ? `${where} overlap those of tensor ${show(before)}, which end at ${covered}`
          : `${where} leave a hole: bytes ${covered} to ${begin} belong to no tensor`,
      );
    }
    covered = end;
    before = name;
  }
  if (covered < data) throw new FileError(`${file}: bytes ${covered} to ${data} of the data belong to no tensor`);
}

/** Infinity or an unsafe integer for a shape that no file can hold: it then differs from any offsets. */
function byteSize(shape: readonly number[], itemSize: number): number {
  return shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, itemSize);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);
}
