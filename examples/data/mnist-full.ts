import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/cache-folder.mjs';
import { download, sha256 } from './download';
import { IDLE_TIMEOUT_MS, MIRRORS, PUBLISHED_SHA256, TOTAL_TIMEOUT_MS } from './mnist-published';
import { MNIST_FILES, readSets, type MnistFile, type MnistSet } from './mnist-set';
import { reason } from './reason';
import { writeFileAtomic } from './write-atomic';

export interface FullOptions {
  log: (line: string) => void;
  progress?: (file: string, received: number, total: number) => void;
  /** Where the four .gz files are kept. */
  cacheDir: string;
  mirrors: readonly string[];
  /** Of the .gz files, lower-case hex. */
  sha256: Readonly<Record<MnistFile, string>>;
  idleTimeoutMs: number;
  /** For all four files together. */
  totalTimeoutMs: number;
}

export const PUBLISHED: Pick<FullOptions, 'mirrors' | 'sha256' | 'idleTimeoutMs' | 'totalTimeoutMs'> = {
  mirrors: MIRRORS,
  sha256: PUBLISHED_SHA256,
  idleTimeoutMs: IDLE_TIMEOUT_MS,
  totalTimeoutMs: TOTAL_TIMEOUT_MS,
};

/** `mnist` in `WGRAD_CACHE`, or else in `wgrad` in `XDG_CACHE_HOME` or `~/.cache`. */
export const mnistCacheDir = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  join(cacheFolder(env), 'mnist');

/**
 * The full MNIST set from the cache; what it lacks, or holds damaged, is downloaded and kept there. `from` says where it came from.
 *
 * @throws DownloadError when a file is neither cached nor available from any mirror.
 */
export async function loadFullMnist(options: FullOptions): Promise<{ train: MnistSet; test: MnistSet; from: string }> {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new Error(`gave up after ${options.totalTimeoutMs / 1000} s`));
  }, options.totalTimeoutMs);
  try {
    const hosts = new Set<string>();
    const files = {} as Record<MnistFile, { name: string; bytes: Uint8Array }>;
    for (const file of MNIST_FILES) {
      const cached = await readCached(file, options);
      const { bytes, from } = cached ?? (await fetchAndKeep(file, options, deadline.signal));
      if (from) hosts.add(from);
      files[file] = { name: `${file}.gz`, bytes };
    }
    const from = hosts.size > 0 ? `downloaded from ${[...hosts].join(' and ')}` : `from the cache ${options.cacheDir}`;
    return { ...(await readSets(files)), from };
  } finally {
    clearTimeout(timer);
  }
}

interface Gotten {
  bytes: Uint8Array;
  /** The host it was downloaded from. */
  from?: string;
}

async function readCached(
  file: MnistFile,
  { cacheDir, sha256: expected, log }: FullOptions,
): Promise<Gotten | undefined> {
  const path = join(cacheDir, `${file}.gz`);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) log(`cached ${path} cannot be read (${reason(error)}): downloading it again`);
    return undefined;
  }
  const found = await sha256(bytes);
  if (found === expected[file]) return { bytes };
  log(`cached ${path} is damaged (expected SHA-256 ${expected[file]}, got ${found}): downloading it again`);
  return undefined;
}

async function fetchAndKeep(file: MnistFile, options: FullOptions, deadline: AbortSignal): Promise<Gotten> {
  const name = `${file}.gz`;
  const gotten = await download(name, {
    mirrors: options.mirrors,
    sha256: options.sha256[file],
    idleTimeoutMs: options.idleTimeoutMs,
    deadline,
    progress: (received, total) => options.progress?.(name, received, total),
  });
  const path = join(options.cacheDir, name);
  await writeFileAtomic(path, gotten.bytes).catch((error: unknown) => {
    options.log(`${path} cannot be written (${reason(error)}): continuing without a cache`);
  });
  return gotten;
}
