/** An IDX file in memory: `data` holds the elements row-major, `shape` the sizes, slowest dimension first. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

interface IdxHeader {
  shape: number[];
  /** Bytes of the header itself. */
  start: number;
  /** Bytes of data that the header promises. */
  size: number;
}

const UNSIGNED_BYTE = 0x08;
const OTHER_TYPES = new Map([
  [0x09, 'signed byte'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);
const LONGEST_HEADER = 4 + 4 * 255;
/** A small gzip file can promise and inflate to anything: past this it is refused. */
const MOST_INFLATED = 2 ** 31 - 1;
const CHUNK = 65_536;

/**
 * Reads an IDX file of unsigned bytes (the format of MNIST: http://yann.lecun.com/exdb/mnist), raw or gzipped; which of the two is
 * told by the first bytes, not by the name. Images come back as `[N, H, W]`, labels as `[N]`.
 *
 * `name` is what errors call the file. The data of a raw file is a view of `bytes`, not a copy.
 *
 * @throws Error in one line when the gzip data is corrupt or cut short, the magic or the element type is not that of an IDX file of
 * unsigned bytes, a dimension is zero, or the file is shorter or longer than its header promises.
 */
export async function parseIdx(bytes: Uint8Array, name: string): Promise<IdxArray> {
  if (!isGzip(bytes)) {
    const header = parseHeader(bytes, name);
    const has = bytes.length - header.start;
    checkLength(header, has, String(has), name);
    return withoutHeader(header, bytes);
  }
  // The header is read first, by itself, so that what is inflated and held is bounded by what it promises.
  const header = parseHeader(await gunzip(bytes, name, LONGEST_HEADER), name);
  if (header.size > MOST_INFLATED) {
    throw new Error(
      `${name}: header promises ${header.shape.join('x')} = ${header.size} bytes, wanted at most ${MOST_INFLATED} from a gzip file`,
    );
  }
  const whole = await gunzip(bytes, name, header.start + header.size + 1);
  checkLength(header, whole.length - header.start, 'more', name);
  return withoutHeader(header, whole);
}

function withoutHeader({ shape, start, size }: IdxHeader, whole: Uint8Array): IdxArray {
  // Not subarray(): of a Node Buffer that is a Buffer, whose slice() is another than a Uint8Array's.
  return { shape, data: new Uint8Array(whole.buffer, whole.byteOffset + start, size) };
}

function checkLength({ shape, size }: IdxHeader, has: number, more: string, name: string): void {
  const promised = `header promises ${shape.join('x')} = ${size} bytes`;
  if (has < size) throw new Error(`${name}: truncated: ${promised}, file has ${has}`);
  if (has > size) throw new Error(`${name}: too long: ${promised}, file has ${more}`);
}

function parseHeader(bytes: Uint8Array, name: string): IdxHeader {
  if (bytes.length < 4) {
    throw new Error(`${name}: truncated: an IDX header takes at least 4 bytes, file has ${bytes.length}`);
  }
  const [zero0, zero1, type, dimensions] = bytes;
  if (zero0 !== 0 || zero1 !== 0) {
    throw new Error(
      `${name}: not an IDX file: starts with ${hex(bytes.subarray(0, 4))}, wanted 00 00 08 and a number of dimensions`,
    );
  }
  if (type !== UNSIGNED_BYTE) {
    const known = OTHER_TYPES.get(type) ?? 'unknown';
    throw new Error(`${name}: element type 0x${hex([type])} (${known}) is not read, wanted 0x08 (unsigned byte)`);
  }
  if (dimensions === 0) throw new Error(`${name}: header has 0 dimensions, wanted at least 1`);

  const start = 4 + 4 * dimensions;
  if (bytes.length < start) {
    throw new Error(
      `${name}: truncated: a header of ${dimensions} dimensions takes ${start} bytes, file has ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const empty = shape.indexOf(0);
  if (empty >= 0) throw new Error(`${name}: dimension ${empty} of ${shape.join('x')} is zero, wanted at least 1`);
  return { shape, start, size: shape.reduce((a, b) => a * b, 1) };
}

/** Inflates `bytes`, stopping after `limit` bytes of output: what comes back is never longer. */
async function gunzip(bytes: Uint8Array, name: string, limit: number): Promise<Uint8Array> {
  let at = 0;
  const source = new ReadableStream<BufferSource>({
    pull(controller) {
      if (at >= bytes.length) {
        controller.close();
        return;
      }
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + CHUNK)));
      at += CHUNK;
    },
  });
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    while (length < limit) {
      const { done, value } = await reader.read();
      if (done) break;
      const part = value.subarray(0, limit - length);
      parts.push(part);
      length += part.length;
    }
    if (length >= limit) await reader.cancel();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}: gzip data is corrupt or cut short (${why})`, { cause: error });
  }
  return concatenate(parts, length);
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');
}
