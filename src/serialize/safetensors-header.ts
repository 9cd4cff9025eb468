import { duplicateKey } from './json-keys';
import { isStoredDtype, STORED_NAMES, STORED_TYPES, type StoredDtype } from './safetensors-dtypes';

/** A tensor's place in the file: bytes `begin` to `end` of the data section, which agree with its shape and type. */
export interface TensorEntry {
  name: string;
  dtype: StoredDtype;
  shape: number[];
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
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
 * @throws Error in one line that begins with `file` and names the tensor.
 */
export function readHeader(bytes: Uint8Array, file: string): SafetensorsHeader {
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

/** `value` as JSON on one line, shortened: names and values in a header are a stranger's. */
export function show(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 100)}...` : json;
}

function headerText(bytes: Uint8Array, file: string): { json: string; end: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw new Error(`${file}: not a safetensors file: has ${bytes.length} bytes, wanted at least ${LENGTH_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER_BYTES) {
    throw new Error(`${file}: not a safetensors file: header of ${length} bytes, wanted at most ${MAX_HEADER_BYTES}`);
  }
  const end = LENGTH_BYTES + length;
  if (end > bytes.length) {
    throw new Error(`${file}: truncated: header takes ${length} bytes, file has ${bytes.length - LENGTH_BYTES}`);
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { json: decoder.decode(new Uint8Array(bytes.subarray(LENGTH_BYTES, end))), end };
  } catch (cause) {
    throw new Error(`${file}: header is not UTF-8`, { cause });
  }
}

function parseObject(json: string, file: string): object {
  if (!json.startsWith('{')) throw new Error(`${file}: header begins with ${show(json.slice(0, 8))}, wanted {`);
  let header: object;
  try {
    header = JSON.parse(json) as object;
  } catch (cause) {
    throw new Error(`${file}: header is not JSON`, { cause });
  }
  const twice = duplicateKey(json);
  if (twice !== undefined) throw new Error(`${file}: header holds the key ${show(twice)} twice`);
  return header;
}

function readMetadata(value: unknown, into: Record<string, string>, file: string): void {
  if (!isObject(value)) throw new Error(`${file}: ${METADATA_KEY} is ${show(value)}, wanted an object of strings`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new Error(`${file}: ${METADATA_KEY} ${show(key)} is ${show(text)}, wanted a string`);
    }
    into[key] = text;
  }
}

/** `where` begins the errors; `data` is the length of the data section. */
function readEntry(name: string, value: unknown, data: number, where: string): TensorEntry {
  if (!isObject(value)) throw new Error(`${where}: is ${show(value)}, wanted an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !isStoredDtype(dtype)) {
    throw new Error(`${where}: dtype ${show(dtype ?? null)} is not read, wanted one of ${STORED_NAMES.join(', ')}`);
  }
  if (!isSizes(shape)) throw new Error(`${where}: shape ${show(shape ?? null)}, wanted a list of whole numbers from 0`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new Error(`${where}: data_offsets ${show(offsets ?? null)}, wanted two whole numbers from 0`);
  }
  const [begin, end] = offsets;
  if (begin > end) throw new Error(`${where}: data_offsets ${show(offsets)} end before they begin`);
  if (end > data) throw new Error(`${where}: data_offsets ${show(offsets)} pass the end of the data, ${data} bytes`);
  const size = byteSize(shape, STORED_TYPES[dtype].size);
  if (size !== end - begin) {
    throw new Error(
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
    const where = `${file}: tensor ${show(name)}: data_offsets [${begin},${end}]`;
    if (begin < covered) throw new Error(`${where} overlap those of tensor ${show(before)}, which end at ${covered}`);
    if (begin > covered) throw new Error(`${where} leave a hole: bytes ${covered} to ${begin} belong to no tensor`);
    covered = end;
    before = name;
  }
  if (covered < data) throw new Error(`${file}: bytes ${covered} to ${data} of the data belong to no tensor`);
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
