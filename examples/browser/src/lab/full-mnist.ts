import { download, sha256 } from '../../../data/download';
import { IDLE_TIMEOUT_MS, MIRRORS, PUBLISHED_SHA256, TOTAL_TIMEOUT_MS } from '../../../data/mnist-published';
import { MNIST_FILES, readSets, type MnistFile, type MnistSet } from '../../../data/mnist-set';

const CACHE = 'wgrad-mnist';

/** The server of this page passes them on, as a page may not read from every server; elsewhere they are tried directly. */
const mirrors = (): string[] => [...MIRRORS.map((_, i) => new URL(`/mirror/${i}/`, location.origin).href), ...MIRRORS];

/**
 * The full MNIST set, downloaded once, checked by SHA-256 and kept in the browser's cache storage.
 *
 * @throws DownloadError in one line when no server gives a file.
 */
export async function fetchFullMnist(
  progress: (file: string, received: number, total: number) => void,
  stopped: AbortSignal,
): Promise<{ train: MnistSet; test: MnistSet; source: string }> {
  const cache = await caches.open(CACHE).catch(() => null);
  const deadline = AbortSignal.any([AbortSignal.timeout(TOTAL_TIMEOUT_MS), stopped]);
  const files = {} as Record<MnistFile, { name: string; bytes: Uint8Array }>;
  let source = 'MNIST, downloaded before';
  for (const file of MNIST_FILES) {
    const name = `${file}.gz`;
    const key = new URL(name, MIRRORS[0]);
    const expected = PUBLISHED_SHA256[file];
    const cached = await cache?.match(key);
    const bytes = cached && new Uint8Array(await cached.arrayBuffer());
    if (bytes && (await sha256(bytes)) === expected) {
      files[file] = { name, bytes };
      continue;
    }
    const options = { mirrors: mirrors(), sha256: expected, idleTimeoutMs: IDLE_TIMEOUT_MS, deadline };
    const fresh = await download(name, {
      ...options,
      progress: (got, total) => {
        progress(name, got, total);
      },
    });
    files[file] = { name, bytes: fresh.bytes };
    source = 'MNIST, downloaded';
    // If the disk is full, the next visit downloads again.
    await cache?.put(key, new Response(new Uint8Array(fresh.bytes))).catch(() => undefined);
  }
  return { ...(await readSets(files)), source };
}
