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
  /** Milliseconds without data after which a connection is abandoned. */
  idleTimeoutMs: number;
  /** Ends all attempts when it aborts. */
  deadline: AbortSignal;
  /** `total` is 0 where the server does not say. */
  progress?: (received: number, total: number) => void;
}

/** No file here is nearly this large: a server that never stops sending is cut off. */
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
      const found = await sha256(bytes);
      if (found !== options.sha256) throw new Error(`expected SHA-256 ${options.sha256}, got ${found}`);
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
  const startTimer = () =>
    setTimeout(() => {
      stop.abort(new Error(`no data for ${idleTimeoutMs / 1000} s`));
    }, idleTimeoutMs);
  let timer = startTimer();
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
      clearTimeout(timer);
      timer = startTimer();
      parts.push(value);
      received += value.length;
      if (received > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
      progress?.(received, total);
    }
    return joined(parts, received);
  } finally {
    clearTimeout(timer);
    // Closes the connection when the body was not read to its end.
    stop.abort();
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
