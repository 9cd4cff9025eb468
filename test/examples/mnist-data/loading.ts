import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import type { MnistFile } from '../../../examples/data/mnist-set';
import { loadMnist, type MnistOptions } from '../../../examples/mnist-data';

export type Files = Record<MnistFile, Uint8Array>;
export const TRAIN_IMAGES = 'train-images-idx3-ubyte';
export const TRAIN_LABELS = 'train-labels-idx1-ubyte';
export const TEST_LABELS = 't10k-labels-idx1-ubyte';

/** The bytes of an IDX file. */
export function idx(shape: number[], fill: (i: number) => number, type = 8): Uint8Array {
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + shape.reduce((a, b) => a * b));
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((size, i) => {
    new DataView(bytes.buffer).setUint32(4 + 4 * i, size);
  });
  for (let i = start; i < bytes.length; i++) bytes[i] = fill(i - start);
  return bytes;
}

/** Twelve images to train on and three to test on. */
export const rawFiles = (): Files => ({
  'train-images-idx3-ubyte': idx([12, 28, 28], (i) => i % 251),
  'train-labels-idx1-ubyte': idx([12], (i) => i % 10),
  't10k-images-idx3-ubyte': idx([3, 28, 28], (i) => i % 241),
  't10k-labels-idx1-ubyte': idx([3], (i) => 9 - i),
});

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Loading {
  /** A folder of the test's own. */
  readonly temp: string;
  /** What was logged. */
  lines: string[];
}

/** A folder and a log for each test of a file, in an environment that names no MNIST. */
export function loading(): Loading {
  const state = { temp: '', lines: [] as string[] };
  beforeEach(async () => {
    state.temp = await mkdtemp(join(tmpdir(), 'wgrad-mnist-'));
    state.lines = [];
    vi.stubEnv('MNIST_DIR', '');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(state.temp, { recursive: true });
  });
  return state;
}

/** `loadMnist` with a log. */
export const loadLogged = (state: Loading, options: Partial<MnistOptions>): ReturnType<typeof loadMnist> =>
  loadMnist({ full: false, seed: 1, log: (line) => state.lines.push(line), ...options });

export async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'no error',
    (e: unknown) => e,
  );
  return error instanceof Error ? error.message : String(error);
}
