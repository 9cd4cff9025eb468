import { FileError } from '../device/file-error';

const CHUNK = 65_536;

/** Bytes that one byte of deflate can stand for at most (RFC 1951: 258 bytes for two bits). */
const MAX_RATIO = 1032;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Whether a gzip file of `compressed` bytes can hold `bytes` bytes. */
export const canInflateTo = (compressed: number, bytes: number): boolean => bytes <= compressed * MAX_RATIO;

/** Inflates `bytes`, stopping after `limit` bytes of output: what comes back is never longer. Throws `FileError`. */
export async function gunzip(bytes: Uint8Array, name: string, limit: number): Promise<Uint8Array> {
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
    throw new FileError(`${name}: gzip data is corrupt or cut short (${why})`, { cause: error });
  }
  return concatenate(parts, length);
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
