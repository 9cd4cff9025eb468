import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadFullMnist, mnistCacheDir } from '../../examples/data/mnist-full';
import { MNIST_FILES, type MnistFile } from '../../examples/data/mnist-set';
import { permutation } from '../../examples/data/permutation';
import { loadMnist, type MnistOptions } from '../../examples/mnist-data';

type Files = Record<MnistFile, Uint8Array>;
const TRAIN_IMAGES = 'train-images-idx3-ubyte';
const TRAIN_LABELS = 'train-labels-idx1-ubyte';
const TEST_LABELS = 't10k-labels-idx1-ubyte';

function idx(shape: number[], fill: (i: number) => number, type = 8): Uint8Array {
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
const rawFiles = (): Files => ({
  'train-images-idx3-ubyte': idx([12, 28, 28], (i) => i % 251),
  'train-labels-idx1-ubyte': idx([12], (i) => i % 10),
  't10k-images-idx3-ubyte': idx([3, 28, 28], (i) => i % 241),
  't10k-labels-idx1-ubyte': idx([3], (i) => 9 - i),
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let temp: string;
let lines: string[];

function load(options: Partial<MnistOptions>) {
  return loadMnist({
    full: false,
    seed: 1,
    log: (line) => {
      lines.push(line);
    },
    ...options,
  });
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'no error',
    (e: unknown) => e,
  );
  return error instanceof Error ? error.message : String(error);
}

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'wgrad-mnist-'));
  lines = [];
  vi.stubEnv('MNIST_DIR', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(temp, { recursive: true });
});

describe('a named folder', () => {
  async function write(
    change: (files: Files) => void = () => undefined,
    name = (file: string) => file,
  ): Promise<string> {
    const files = rawFiles();
    change(files);
    for (const [file, bytes] of Object.entries(files)) {
      if (bytes.length > 0)
        await writeFile(join(temp, name(file)), name(file).endsWith('.gz') ? gzipSync(bytes) : bytes);
    }
    return temp;
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
    expect(lines).toEqual([split.source]);
  });

  it('is found by MNIST_DIR, and an argument goes before it', async () => {
    vi.stubEnv('MNIST_DIR', await write());
    expect((await load({ full: true })).train.count).toBe(12);
    expect(await messageOf(load({ dir: join(temp, 'other') }))).toMatch(/other: cannot be opened/);
  });

  it('may hold folders named like the files', async () => {
    await mkdir(join(temp, TRAIN_IMAGES));
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
      /labels-idx1-ubyte: not an IDX file: starts with 3c 68/,
    ],
    [
      'another element type',
      (f) => (f[TRAIN_LABELS] = idx([12], () => 0, 13)),
      /element type 0x0d \(float32\) is not read/,
    ],
    [
      'images of another size',
      (f) => (f[TRAIN_IMAGES] = idx([12, 32, 32], () => 0)),
      /: has shape 12x32x32, wanted Nx28x28$/,
    ],
    ['labels for images', (f) => (f[TRAIN_IMAGES] = f[TRAIN_LABELS]), /: has shape 12, wanted Nx28x28$/],
    ['images for labels', (f) => (f[TRAIN_LABELS] = f[TRAIN_IMAGES]), /: has shape 12x28x28, wanted one dimension$/],
    [
      'too few labels',
      (f) => (f[TRAIN_LABELS] = idx([11], () => 0)),
      /: has 11 labels, .*train-images-idx3-ubyte has 12 images$/,
    ],
    [
      'a label above 9',
      (f) => (f[TEST_LABELS] = idx([3], (i) => i * 5)),
      /t10k-.*: label 10 at index 2, wanted 0 to 9$/,
    ],
  ];
  it.each(bad)('is refused with %s', async (_, change, wanted) => {
    const message = await messageOf(load({ dir: await write(change) }));
    expect(message).toMatch(wanted);
    expect(message).not.toContain('\n');
    expect(lines).toEqual([]);
  });

  it('is refused when a file is given', async () => {
    const path = join(temp, 'file');
    await writeFile(path, 'x');
    expect(await messageOf(load({ dir: path }))).toBe(`MNIST folder ${path}: is not a folder`);
  });
});

describe('the cache folder', () => {
  it('follows the environment', () => {
    expect(mnistCacheDir({ WGRAD_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a/mnist');
    expect(mnistCacheDir({ XDG_CACHE_HOME: '/b' })).toBe('/b/wgrad/mnist');
    expect(mnistCacheDir({ XDG_CACHE_HOME: 'relative' })).toMatch(/\.cache\/wgrad\/mnist$/);
    expect(mnistCacheDir({})).toMatch(/\.cache\/wgrad\/mnist$/);
  });
});

describe('the full set', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse, good: Uint8Array) => void;
  const zipped = Object.fromEntries(MNIST_FILES.map((file) => [file, gzipSync(rawFiles()[file])])) as unknown as Files;
  const hashes = Object.fromEntries(MNIST_FILES.map((file) => [file, sha256(zipped[file])])) as Record<
    MnistFile,
    string
  >;

  let server: Server;
  let base: string;
  let requests: string[];
  /** What mirror 1 does when asked for the training images; all else is answered well. */
  let first: Answer;

  const good: Answer = (_, response, bytes) => response.setHeader('content-length', bytes.length).end(bytes);
  const notFound: Answer = (_, response) => response.writeHead(404).end('no');

  beforeEach(async () => {
    requests = [];
    first = good;
    server = createServer((request, response) => {
      const [, mirror, name] = (request.url ?? '').split('/');
      requests.push(`${mirror}/${name}`);
      const bytes = zipped[name.replace('.gz', '') as MnistFile];
      (mirror === '1' && name.startsWith(TRAIN_IMAGES) ? first : good)(request, response, bytes);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const remote = (mirrors: string[]) => ({
    mirrors: mirrors.map((m) => `${base}${m}/`),
    sha256: hashes,
    idleTimeoutMs: 1000,
    totalTimeoutMs: 20_000,
  });
  const full = (mirrors: string[], more: Partial<MnistOptions> = {}) =>
    load({ full: true, cacheDir: join(temp, 'cache'), remote: remote(mirrors), ...more });
  const cached = () => readdir(join(temp, 'cache')).then((names) => names.sort());
  const allNames = MNIST_FILES.map((file) => `${file}.gz`).sort();

  it('is downloaded once, with progress, and then read from the cache', async () => {
    const seen = new Map<string, [number, number]>();
    const split = await full(['1', '2'], { progress: (file, received, total) => seen.set(file, [received, total]) });
    expect(split.small).toBe(false);
    expect(split.train.images).toEqual(new Uint8Array(rawFiles()[TRAIN_IMAGES].subarray(16)));
    expect(split.source).toMatch(/^MNIST downloaded from 127\.0\.0\.1:\d+: 12 training and 3 test images$/);
    for (const file of MNIST_FILES) {
      expect(seen.get(`${file}.gz`)).toEqual([zipped[file].length, zipped[file].length]);
    }
    expect(await cached()).toEqual(allNames);
    expect(requests.length).toBe(4);

    const again = await full(['1', '2']);
    expect(requests.length).toBe(4);
    expect(again.source).toBe(`MNIST from the cache ${join(temp, 'cache')}: 12 training and 3 test images`);
    expect([again.train, again.test]).toEqual([split.train, split.test]);
  });

  it('is mended where the cache is damaged', async () => {
    await full(['1']);
    const path = join(temp, 'cache', `${TRAIN_LABELS}.gz`);
    await writeFile(path, 'junk');
    lines = [];
    await full(['1']);
    expect(lines[0]).toMatch(
      /^cached .*train-labels.* is damaged \(SHA-256 [0-9a-f]{64}, wanted .*\): downloading it again$/,
    );
    expect(requests.length).toBe(5);
    expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(zipped[TRAIN_LABELS]));
  });

  it('is used though it cannot be cached', async () => {
    await writeFile(join(temp, 'cache'), 'a file, not a folder');
    const split = await full(['1']);
    expect(split.small).toBe(false);
    expect(lines.join('\n')).toMatch(/cannot be written \(.+\): going on without a cache/);
  });

  const failures: [string, Answer, RegExp][] = [
    ['404', notFound, /HTTP 404/],
    ['a wrong hash', (_, r) => r.end('not the file'), /SHA-256 [0-9a-f]{64}, wanted [0-9a-f]{64}/],
    ['a connection that stalls at once', () => undefined, /nothing came for 1 s/],
    [
      'a connection that stalls in the body',
      (_, r, bytes) => r.setHeader('content-length', bytes.length).write(bytes.subarray(0, 20)),
      /nothing came for 1 s/,
    ],
    [
      'a body cut short',
      (_, r, bytes) => {
        r.setHeader('content-length', bytes.length).write(bytes.subarray(0, 20), () => r.destroy());
      },
      /terminated|closed|aborted|reset|hang up/i,
    ],
    ['a body cut short without a length', (_, r, bytes) => r.end(bytes.subarray(0, 20)), /SHA-256/],
    ['a redirect to nowhere', (_, r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /.+/],
  ];

  it.each(failures)('comes from the second mirror after %s', async (_, answer) => {
    first = answer;
    const split = await full(['1', '2']);
    expect(split.small).toBe(false);
    expect(requests.filter((r) => r.startsWith('2/'))).toEqual([`2/${TRAIN_IMAGES}.gz`]);
    expect(await cached()).toEqual(allNames);
  });

  it.each(failures)('is given up, saying why, after %s', async (_, answer, why) => {
    first = answer;
    const message = await messageOf(
      loadFullMnist({ ...remote(['1']), cacheDir: join(temp, 'cache'), log: () => undefined }),
    );
    expect(message).toMatch(/^train-images-idx3-ubyte\.gz: 127\.0\.0\.1:\d+: .+$/);
    expect(message).toMatch(why);
    await expect(access(join(temp, 'cache'))).rejects.toThrow();
  });

  it('gives way to the small set, saying why for each mirror', async () => {
    first = notFound;
    const split = await full(['1', '1']);
    expect(split.small).toBe(true);
    const failure = '127.0.0.1:\\d+: HTTP 404';
    expect(lines).toEqual([
      expect.stringMatching(
        `^the full MNIST could not be downloaded \\(${TRAIN_IMAGES}.gz: ${failure}; ${failure}\\): going on `,
      ),
      split.source,
    ]);
  });

  it('gives way when the time for all is up, though something keeps coming', async () => {
    first = (request, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      request.socket.once('close', () => {
        clearInterval(drip);
      });
    };
    const start = performance.now();
    const split = await full([], { remote: { ...remote(['1', '1']), totalTimeoutMs: 1000 } });
    expect(split.small).toBe(true);
    expect(lines[0]).toMatch(/gave up after 1 s/);
    expect(requests.length).toBe(1);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('gives way when nobody listens', async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    expect((await full(['1', '2'])).small).toBe(true);
    expect(lines[0]).toMatch(/ECONNREFUSED.*; .*ECONNREFUSED/);
  });
});

describe('the small set', () => {
  it('has 8,000 and 2,000 of the first 10,000 training digits, the same for the same seed', async () => {
    const [a, b, c] = [await load({ seed: 3 }), await load({ seed: 3 }), await load({ seed: 4 })];
    expect(a.small).toBe(true);
    expect(a.source).toMatch(/only the first 10,000 training digits of MNIST .* by seed 3 into 8,000 .* and 2,000/);
    expect([a.train.count, a.test.count]).toEqual([8000, 2000]);
    expect([a.train.images.length, a.test.images.length]).toEqual([8000 * 784, 2000 * 784]);
    for (const part of ['train', 'test'] as const) {
      expect(sha256(b[part].images)).toBe(sha256(a[part].images));
      expect(b[part].labels).toEqual(a[part].labels);
      expect(sha256(c[part].images)).not.toBe(sha256(a[part].images));
    }

    const perClass = new Array<number>(10).fill(0);
    for (const label of [...a.train.labels, ...a.test.labels]) perClass[label]++;
    expect(perClass).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    for (let digit = 0; digit < 10; digit++) expect(a.test.labels).toContain(digit);
    expect(Math.max(...a.test.images.subarray(0, 7840))).toBeGreaterThan(250);

    // However it is shuffled, it is the same images with the same labels.
    const content = ({ train, test }: typeof a) =>
      [train, test]
        .flatMap(({ images, labels, count }) =>
          Array.from({ length: count }, (_, i) => `${labels[i]} ${sha256(images.subarray(i * 784, (i + 1) * 784))}`),
        )
        .sort();
    expect(sha256(Buffer.from(content(c).join()))).toBe(sha256(Buffer.from(content(a).join())));
    expect(new Set(content(a)).size).toBe(10_000);
  });
});

describe('permutation', () => {
  it('holds each number once and stays as it is', () => {
    expect([...permutation(10_000, 5)].sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect([...permutation(8, 1)]).toEqual([2, 1, 6, 7, 4, 3, 0, 5]);
    expect([...permutation(0, 1), ...permutation(1, 1)]).toEqual([0]);
  });
});
