import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadFullMnist, mnistCacheDir } from '../../../examples/data/mnist-full';
import { MNIST_FILES, type MnistFile } from '../../../examples/data/mnist-set';
import type { MnistOptions } from '../../../examples/mnist-data';
import { loadLogged, loading, messageOf, rawFiles, sha256, TRAIN_IMAGES, TRAIN_LABELS, type Files } from './loading';

const state = loading();
const load = (options: Partial<MnistOptions>) => loadLogged(state, options);

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

  /** A server that answers is waited for as long as the test may take. */
  const remote = (mirrors: string[], idleTimeoutMs = 100_000) => ({
    mirrors: mirrors.map((m) => `${base}${m}/`),
    sha256: hashes,
    idleTimeoutMs,
    totalTimeoutMs: 100_000,
  });
  const full = (mirrors: string[], more: Partial<MnistOptions> = {}) =>
    load({ full: true, cacheDir: join(state.temp, 'cache'), remote: remote(mirrors), ...more });
  const cached = () => readdir(join(state.temp, 'cache')).then((names) => names.sort());
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
    expect(again.source).toBe(`MNIST from the cache ${join(state.temp, 'cache')}: 12 training and 3 test images`);
    expect([again.train, again.test]).toEqual([split.train, split.test]);
  });

  it('is mended where the cache is damaged', async () => {
    await full(['1']);
    const path = join(state.temp, 'cache', `${TRAIN_LABELS}.gz`);
    await writeFile(path, 'junk');
    state.lines = [];
    await full(['1']);
    expect(state.lines[0]).toMatch(
      /^cached .*train-labels.* is damaged \(expected SHA-256 [0-9a-f]{64}, got .*\): downloading it again$/,
    );
    expect(requests.length).toBe(5);
    expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(zipped[TRAIN_LABELS]));
  });

  it('is used though it cannot be cached', async () => {
    await writeFile(join(state.temp, 'cache'), 'a file, not a folder');
    const split = await full(['1']);
    expect(split.small).toBe(false);
    expect(state.lines.join('\n')).toMatch(/cannot be written \(.+\): continuing without a cache/);
  });

  const failures: [string, Answer, RegExp, idle?: number][] = [
    ['404', notFound, /HTTP 404/],
    ['a wrong hash', (_, r) => r.end('not the file'), /expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/],
    ['a connection that stalls at once', () => undefined, /no data for 1 s/, 1000],
    [
      'a connection that stalls in the body',
      (_, r, bytes) => r.setHeader('content-length', bytes.length).write(bytes.subarray(0, 20)),
      /no data for 1 s/,
      1000,
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

  it.each(failures)('comes from the second mirror after %s', async (_, answer, __, idle) => {
    first = answer;
    const split = await full(['1', '2'], { remote: remote(['1', '2'], idle) });
    expect(split.small).toBe(false);
    expect(requests.filter((r) => r.startsWith('2/'))).toEqual([`2/${TRAIN_IMAGES}.gz`]);
    expect(await cached()).toEqual(allNames);
  });

  it.each(failures)('is given up, saying why, after %s', async (_, answer, why, idle) => {
    first = answer;
    const message = await messageOf(
      loadFullMnist({ ...remote(['1'], idle), cacheDir: join(state.temp, 'cache'), log: () => undefined }),
    );
    expect(message).toMatch(/^train-images-idx3-ubyte\.gz: 127\.0\.0\.1:\d+: .+$/);
    expect(message).toMatch(why);
    await expect(access(join(state.temp, 'cache'))).rejects.toThrow();
  });

  it('gives way to the small set, saying why for each mirror', async () => {
    first = notFound;
    const split = await full(['1', '1']);
    expect(split.small).toBe(true);
    const failure = '127.0.0.1:\\d+: HTTP 404';
    expect(state.lines).toEqual([
      expect.stringMatching(
        `^the full MNIST could not be downloaded \\(${TRAIN_IMAGES}.gz: ${failure}; ${failure}\\): continuing `,
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
    const split = await full([], { remote: { ...remote(['1', '1']), totalTimeoutMs: 1000 } });
    expect(split.small).toBe(true);
    expect(state.lines[0]).toMatch(/gave up after 1 s/);
    expect(requests.length).toBe(1);
  });

  it('gives way when nobody listens', async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    expect((await full(['1', '2'])).small).toBe(true);
    expect(state.lines[0]).toMatch(/ECONNREFUSED.*; .*ECONNREFUSED/);
  });
});
