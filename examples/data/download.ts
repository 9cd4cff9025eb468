import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reason } from './reason';

/** No mirror gave the file. The message, one line, says why for each. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

export interface DownloadOptions {
  /** Addresses of folders, tried in this order. */
  mirrors: readonly string[];
  /** Lower-case hex. */
  sha256: string;
  /** A connection that brings nothing for so long is given up, in milliseconds. */
  idleTimeoutMs: number;
  /** Ends all attempts when it aborts. */
  deadline: AbortSignal;
  /** `total` is 0 where the server does not say. */
  progress?: (received: number, total: number) => void;
}

/** No file here is nearly so large: a server that goes on and on is cut off. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * The bytes of `file` from the first mirror that gives it with the right SHA-256, and that mirror.
 *
 * @throws DownloadError when none does.
 */
export async function download(file: string, options: DownloadOptions): Promise<{ bytes: Uint8Array; from: string }> {
  const failures: string[] = [];
  for (const mirror of options.mirrors) {
    if (options.deadline.aborted) break;
    const url = new URL(file, mirror);
    try {
      const bytes = await get(url, options);
      const found = sha256(bytes);
      if (found !== options.sha256) throw new Error(`SHA-256 ${found}, wanted ${options.sha256}`);
      return { bytes, from: url.host };
    } catch (error) {
      failures.push(`${url.host}: ${reason(error)}`);
    }
  }
  if (failures.length === 0) failures.push(options.deadline.aborted ? reason(options.deadline.reason) : 'no mirrors');
  throw new DownloadError(`${file}: ${failures.join('; ')}`);
}

async function get(url: URL, { idleTimeoutMs, deadline, progress }: DownloadOptions): Promise<Uint8Array> {
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort(new Error(`nothing came for ${idleTimeoutMs / 1000} s`));
  }, idleTimeoutMs);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([deadline, stop.signal]),
      headers: { 'accept-encoding': 'identity' },
    });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    const total = Number(response.headers.get('content-length') ?? 0);
    const parts: Uint8Array[] = [];
    let received = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      timer.refresh();
      parts.push(value);
      received += value.length;
      if (received > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
      progress?.(received, total);
    }
    return Buffer.concat(parts);
  } finally {
    clearTimeout(timer);
    // Lets go of the connection where the body was not read to its end.
    stop.abort();
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes a file under another name first: who looks at `path` sees all of it or nothing. Makes the folders on the way. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
