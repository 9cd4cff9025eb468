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
  it('stays below its bounds, and far below the whole where one op is used', async () => {
    const { whole, core, oneOp } = await sizesOf(library);
    expect(core).toBeLessThan(CORE);
    expect(oneOp).toBeLessThan(ONE_OP);
    expect(oneOp).toBeLessThan(whole / 2);
  });

  it('holds the kernels of what it uses alone', async () => {
    const { meta } = await library.bundle(`export { open, tensor, add } from 'wgrad'`);
    const [{ inputs }] = Object.values(meta.outputs);
    const modules = Object.keys(inputs).map((path) => path.slice(path.indexOf('/dist/') + '/dist/'.length));
    expect(modules).toContain('ops/binary.js');
    expect(
      modules.filter((path) => /^(nn|optim|data|metrics|train|serialize)\/|conv2d|matmul|batchnorm/.test(path)),
    ).toEqual([]);
  });
});

it('a page loads what profiles, tunes and runs in Node when it comes to need it', async () => {
  const { meta } = await library.bundle(`export * from 'wgrad'`, 'at first');
  const [{ inputs, imports }] = Object.values(meta.outputs);
  const later = ['profiling', 'tuning', 'debug', 'gradcheck-run', 'dawn', 'backoff', 'tune-file'].map(
    (name) => `./${name}.js`,
  );
  expect(imports.map(({ path }) => path.replace('././', './')).sort()).toEqual(later.sort());
  expect(Object.keys(inputs).filter((path) => /\/(profiler|profile-report|trace|tuner|race)\.js$/.test(path))).toEqual(
    [],
  );
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
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cjs'));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect(require(`${folder}/${file}`), file).toMatch(/;/);
});

it('CommonJS modules say what they export to those that load them later', async () => {
  const profiling = (await import(`${library.folder}/runtime/profiling.cjs`)) as Record<string, unknown>;
  expect(Object.keys(profiling)).toContain('profileNow');
});
