import { checkOptions } from '../device/options';
import { FileError } from '../device/file-error';
import { canInflateTo, gunzip, isGzip } from './gunzip';
import { IDX_TYPES, type IdxData, type IdxType } from './idx-types';

/** An IDX file in memory: `data` holds the elements row-major, `shape` the sizes, slowest dimension first. */
export interface IdxArray {
  shape: number[];
  data: IdxData;
}

/** Options of `parseIdx()`. */
export interface IdxOptions {
  /**
   * Bytes of data that are inflated from a gzip file at most, since a small one can inflate to anything; default 1 GiB.
   */
  maxBytes?: number;
}

interface IdxHeader {
  type: IdxType;
  shape: number[];
  /** Bytes of the header itself. */
  start: number;
  /** Bytes of data that the header promises. */
  size: number;
  /** What it promises, in words. */
  promise: string;
}

const MAX_HEADER_BYTES = 4 + 4 * 255;
const SHOWN_DIMENSIONS = 8;

/**
 * Reads an IDX file (the format of MNIST: http://yann.lecun.com/exdb/mnist) of any of its six element types, raw or
 * gzipped; which of the two is told by the first bytes, not by the name. Elements come back in the file's own type:
 * unsigned and signed bytes, int16, int32 (QMNIST's labels), float32, float64. Images come back as `[N, H, W]`, labels
 * as `[N]`.
 *
 * `name` is what errors call the file. The data of a raw file of bytes is a view of `bytes`, not a copy.
 *
 * @throws FileError in one line when the gzip data is corrupt or cut short, the magic or the element type is not that
 * of an IDX file, a dimension is zero, or the file is shorter or longer than its header promises: before the data is
 * allocated.
 */
export async function parseIdx(bytes: Uint8Array, name: string, options: IdxOptions = {}): Promise<IdxArray> {
  checkOptions('parseIdx', options, 'maxBytes');
  const { maxBytes = 2 ** 30 } = options;
  if (!isGzip(bytes)) {
    const header = parseHeader(bytes, name);
    const has = bytes.length - header.start;
    checkLength(header, has, String(has), name);
    return withoutHeader(header, bytes);
  }
  // The header is read first, by itself, so that what is inflated and held is bounded by what it promises.
  const header = parseHeader(await gunzip(bytes, name, MAX_HEADER_BYTES), name);
  if (header.size > maxBytes) {
    throw new FileError(`${name}: expected at most ${maxBytes} bytes in a gzip file (maxBytes): ${header.promise}`);
  }
  if (!canInflateTo(bytes.length, header.size)) {
    throw new FileError(`${name}: truncated: ${header.promise}, more than ${bytes.length} bytes of gzip can hold`);
  }
  const inflated = await gunzip(bytes, name, header.start + header.size + 1);
  checkLength(header, inflated.length - header.start, 'more', name);
  return withoutHeader(header, inflated);
}

function withoutHeader({ type, shape, start, size }: IdxHeader, bytes: Uint8Array): IdxArray {
  return { shape, data: type.read(bytes.subarray(start, start + size)) };
}

function checkLength({ size, promise }: IdxHeader, has: number, more: string, name: string): void {
  if (has < size) throw new FileError(`${name}: truncated: ${promise}, file has ${has}`);
  if (has > size) throw new FileError(`${name}: too long: ${promise}, file has ${more}`);
}

function parseHeader(bytes: Uint8Array, name: string): IdxHeader {
  if (bytes.length < 4) {
    throw new FileError(`${name}: truncated: expected an IDX header of at least 4 bytes, file has ${bytes.length}`);
  }
  const [zero0, zero1, code, dimensions] = bytes;
  if (zero0 !== 0 || zero1 !== 0) {
    const magic = hex(bytes.subarray(0, 4));
    throw new FileError(`${name}: not an IDX file: expected it to start with 00 00 and an element type, got ${magic}`);
  }
  const type = IDX_TYPES.get(code);
  if (!type) {
    throw new FileError(`${name}: expected an element type of ${hex(IDX_TYPES.keys())}, got ${hex([code])}`);
  }
  if (dimensions === 0) throw new FileError(`${name}: expected at least 1 dimension, the header has 0`);

  const start = 4 + 4 * dimensions;
  if (bytes.length < start) {
    throw new FileError(
      `${name}: truncated: expected a header of ${start} bytes for ${dimensions} dimensions, file has ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const sizes = shape.slice(0, SHOWN_DIMENSIONS).join('x') + (dimensions > SHOWN_DIMENSIONS ? 'x...' : '');
  const empty = shape.indexOf(0);
  if (empty >= 0) throw new FileError(`${name}: dimension ${empty} of ${sizes} is zero, expected at least 1`);
  const size = shape.reduce((a, b) => a * b, type.size);
  const each = type.size > 1 ? ` of ${type.size} bytes` : '';
  return { type, shape, start, size, promise: `header promises ${sizes}${each} = ${size} bytes` };
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');
}
