import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { MnistOptions } from '../../../examples/mnist-data';
import {
  idx,
  loadLogged,
  loading,
  messageOf,
  rawFiles,
  TEST_LABELS,
  TRAIN_IMAGES,
  TRAIN_LABELS,
  type Files,
} from './loading';

const state = loading();
const load = (options: Partial<MnistOptions>) => loadLogged(state, options);

describe('a named folder', () => {
  async function write(
    change: (files: Files) => void = () => undefined,
    name = (file: string) => file,
  ): Promise<string> {
    const files = rawFiles();
    change(files);
    for (const [file, bytes] of Object.entries(files)) {
      if (bytes.length > 0)
        await writeFile(join(state.temp, name(file)), name(file).endsWith('.gz') ? gzipSync(bytes) : bytes);
    }
    return state.temp;
  }

  it.each([
    ['raw', (file: string) => file],
    ['gzipped', (file: string) => `${file}.gz`],
    ['dotted', (file: string) => file.replace('-idx', '.idx')],
    ['dotted and gzipped', (file: string) => `${file.replace('-idx', '.idx')}.gz`],
  ])('is read: %s', async (_, name) => {
    const dir = await write(undefined, name);
    const split = await load({ dir });
    const raw = rawFiles();
    expect(split.small).toBe(false);
    expect(split.train.count).toBe(12);
    expect(split.train.images).toEqual(new Uint8Array(raw[TRAIN_IMAGES].subarray(16)));
    expect(split.train.labels).toEqual(new Uint8Array(raw[TRAIN_LABELS].subarray(8)));
    expect(split.test.count).toBe(3);
    expect(split.test.images.length).toBe(3 * 784);
    expect(split.test.labels).toEqual(Uint8Array.of(9, 8, 7));
    expect(split.source).toBe(`MNIST in ${dir}: 12 training and 3 test images`);
    expect(state.lines).toEqual([split.source]);
  });

  it('is found by MNIST_DIR, and an argument goes before it', async () => {
    vi.stubEnv('MNIST_DIR', await write());
    expect((await load({ full: true })).train.count).toBe(12);
    expect(await messageOf(load({ dir: join(state.temp, 'other') }))).toMatch(/other: cannot be opened/);
  });

  it('may hold folders named like the files', async () => {
    await mkdir(join(state.temp, TRAIN_IMAGES));
    const dir = await write(undefined, (file) => file.replace('-idx', '.idx'));
    expect((await load({ dir })).train.count).toBe(12);
  });

  const long = 'a'.repeat(40);
  const bad: [string, (files: Files) => void, RegExp][] = [
    [
      'a missing file',
      (f) => (f[TEST_LABELS] = new Uint8Array()),
      /^MNIST folder .*: has no t10k-labels-idx1-ubyte \(nor t10k-labels-idx1-ubyte\.gz, t10k-labels\.idx1-ubyte, /,
    ],
    [
      'a truncated file',
      (f) => (f[TRAIN_IMAGES] = f[TRAIN_IMAGES].subarray(0, 1000)),
      /train-images-idx3-ubyte: truncated: header promises 12x28x28 = 9408 bytes, file has 984$/,
    ],
    [
      'a web page',
      (f) => (f[TRAIN_LABELS] = Buffer.from(`<html>${long}`)),
      /labels-idx1-ubyte: not an IDX file: expected .* got 3c 68/,
    ],
    [
      'another element type',
      (f) => (f[TRAIN_LABELS] = idx([12], () => 0, 9)),
      /expected unsigned bytes, got Int8Array$/,
    ],
    [
      'images of another size',
      (f) => (f[TRAIN_IMAGES] = idx([12, 32, 32], () => 0)),
      /: expected shape Nx28x28, got 12x32x32$/,
    ],
    ['labels for images', (f) => (f[TRAIN_IMAGES] = f[TRAIN_LABELS]), /: expected shape Nx28x28, got 12$/],
    ['images for labels', (f) => (f[TRAIN_LABELS] = f[TRAIN_IMAGES]), /: expected one dimension, got 12x28x28$/],
    [
      'too few labels',
      (f) => (f[TRAIN_LABELS] = idx([11], () => 0)),
      /: has 11 labels, .*train-images-idx3-ubyte has 12 images$/,
    ],
    [
      'a label above 9',
      (f) => (f[TEST_LABELS] = idx([3], (i) => i * 5)),
      /t10k-.*: expected labels 0 to 9, got 10 at index 2$/,
    ],
  ];
  it.each(bad)('is refused with %s', async (_, change, expected) => {
    const message = await messageOf(load({ dir: await write(change) }));
    expect(message).toMatch(expected);
    expect(message).not.toContain('\n');
    expect(state.lines).toEqual([]);
  });

  it('is refused when a file is given', async () => {
    const path = join(state.temp, 'file');
    await writeFile(path, 'x');
    expect(await messageOf(load({ dir: path }))).toBe(`MNIST folder ${path}: is not a folder`);
  });
});
