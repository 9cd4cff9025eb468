import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishedLibrary, type Library } from '../../scripts/bundle/library';
import { sizesOf } from '../../scripts/bundle/sizes';

/** Bytes, minified and gzipped. */
const [CORE, ONE_OP] = [60_000, 20_000];

let library: Library;
beforeAll(async () => {
  library = await publishedLibrary();
});
afterAll(() => library.remove());

describe('what the library adds to a page', () => {
  it('stays below its bounds, and far below everything where one op is used', async () => {
    const { all, core, oneOp } = await sizesOf(library);
    expect(core).toBeLessThan(CORE);
    expect(oneOp).toBeLessThan(ONE_OP);
    expect(oneOp).toBeLessThan(all / 2);
  });

  it('holds the kernels of what it uses alone', async () => {
    const { meta } = await library.bundle(`export { open, tensor, add } from 'wgrad'`);
    const [{ inputs }] = Object.values(meta.outputs);
    const modules = Object.keys(inputs).map((path) => path.slice(path.indexOf('/dist/') + '/dist/'.length));
    expect(modules).toContain('ops/elementwise/binary.js');
    expect(modules).toContain('shaders/elementwise/binary.wgsl.js');
    expect(
      modules.filter((path) => /^(nn|optim|data|metrics|train|serialize)\/|conv2d|matmul|batchnorm/.test(path)),
    ).toEqual([]);
  });
});

it('a page loads shaders, and what profiles, tunes and runs in Node, when it comes to need them', async () => {
  const { meta, text } = await library.bundle(`export * from 'wgrad'`, 'at first');
  const [{ inputs, imports }] = Object.values(meta.outputs);
  const later = imports.map(({ path }) => path.slice(path.lastIndexOf('/') + 1).replace(/.*-shaders/, 'shaders'));
  const others = [
    'anomaly',
    'format',
    'print',
    'evaluate',
    'fit',
    'profile',
    'tune',
    'debug-reporter',
    'gradcheck',
    'dawn',
    'poll-backoff',
    'file-store',
    'recorder',
    'specialize',
  ];
  expect([...new Set(later)].sort()).toEqual([...others, 'shaders'].map((name) => `${name}.lazy.js`).sort());
  const early = /\/(profiler|profile\/report|profile\/trace|tuner|time-variants|timestamps)\.js$|\.lazy\.js$/;
  expect(Object.keys(inputs).filter((path) => early.test(path))).toEqual([]);
  // Two libraries of a few lines are in most kernels.
  const shaders = Object.keys(inputs).filter((path) => path.includes('.wgsl'));
  expect(shaders.map((path) => path.slice(path.indexOf('shaders/')))).toEqual([
    'shaders/lib/linear.wgsl.js',
    'shaders/lib/vector.wgsl.js',
  ]);
  expect(text).not.toContain('@compute');
});

it('a page downloads the kernels of the matrix products that its adapter runs', async () => {
  const modules = async (name: string): Promise<string[]> => {
    const { meta } = await library.bundle(`export * from './ops/${name}-shaders.lazy.js'`);
    return Object.keys(meta.inputs).flatMap((path) => /[\w-]+(?=\.wgsl\.js)/.exec(path) ?? []);
  };
  expect(await modules('conv2d/subgroup')).not.toContain('tile_product');
  expect(await modules('conv2d/tiled')).not.toContain('conv2d_rows');
  expect(await modules('conv2d/general')).not.toContain('tile_product');
  expect(await modules('matmul/subgroup')).not.toContain('tile_product');
  expect(await modules('matmul/tiled')).not.toContain('matmul_subgroup');
});

describe('a bundle for browsers', () => {
  it('holds no module of Node and leaves nothing to load', async () => {
    await expect(library.bundle(`import 'node:fs'`)).rejects.toThrow('node:fs');
    const { meta, text } = await library.bundle(`export * from 'wgrad'`);
    expect(Object.values(meta.outputs).flatMap(({ imports }) => imports)).toEqual([]);
    expect(text).not.toMatch(/\b(require|import)\s*\(\s*["'`][^$]/);
  });
});

it('CommonJS modules have their shaders', async () => {
  const require = createRequire(library.folder);
  const folder = `${library.folder}/shaders`;
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.cjs'));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect(require(`${folder}/${file}`), file).toMatch(/[;}]/);
});

it('CommonJS modules say what they export to those that load them later', async () => {
  const profile = (await import(`${library.folder}/profile/profile.lazy.cjs`)) as Record<string, unknown>;
  expect(Object.keys(profile)).toContain('profileNow');
  const optim = (await import(`${library.folder}/optim/shaders.lazy.cjs`)) as Record<string, unknown>;
  expect(Object.keys(optim)).toContain('shaders');
});
