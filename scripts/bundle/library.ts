import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build as bundle, type Metafile, type Plugin } from 'esbuild';
import { build as publish } from 'tsup';
import config from '../../tsup.config';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Bundle {
  readonly text: string;
  readonly meta: Metafile;
  /** Names that it exports. */
  readonly names: readonly string[];
  /** Bytes, as a server sends them to a browser. */
  readonly gzipped: number;
}

/** The library as it is published. */
export interface Library {
  /** The folder of its modules. */
  readonly folder: string;
  /**
   * Bundles a page's module, minified, for browsers; it may import from 'wgrad' and from './', the
   * folder of the library. `at first`: without the modules that the page loads on demand.
   */
  bundle(source: string, parts?: 'all' | 'at first'): Promise<Bundle>;
  remove(): Promise<void>;
}

/** Leaves out the modules of `import()`. */
const onDemand: Plugin = {
  name: 'on-demand',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** A new folder in the cache of the build tools. */
async function newFolder(): Promise<string> {
  const cache = `${root}node_modules/.cache`;
  await mkdir(cache, { recursive: true });
  return mkdtemp(`${cache}/wgrad-bundle-`);
}

/** The types of the library as `npm run build` declares them: the text of index.d.ts. */
export async function publishedDeclarations(): Promise<string> {
  const outDir = await newFolder();
  try {
    const { dts, target } = config;
    const only = { entry: dts.entry, dts: { ...dts, only: true }, format: 'esm' as const };
    await publish({ ...only, config: false, target, silent: true, outDir });
    return await readFile(`${outDir}/index.d.ts`, 'utf8');
  } finally {
    await rm(outDir, { recursive: true });
  }
}

/** Builds the library as `npm run build` does, into a package of its own. */
export async function publishedLibrary(): Promise<Library> {
  const folder = await newFolder();
  // Declares that modules without used exports may be dropped.
  await copyFile(`${root}package.json`, `${folder}/package.json`);
  const outDir = `${folder}/dist`;
  await publish({ ...config, config: false, dts: false, onSuccess: undefined, silent: true, outDir });
  return {
    folder: outDir,
    async bundle(source, parts = 'all') {
      const { outputFiles, metafile } = await bundle({
        stdin: { contents: source, resolveDir: outDir },
        alias: { wgrad: `${outDir}/index.js` },
        outfile: 'page.js',
        bundle: true,
        minify: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        metafile: true,
        plugins: parts === 'all' ? [] : [onDemand],
        write: false,
        logLevel: 'silent',
      });
      const [{ contents, text }] = outputFiles;
      const names = metafile.outputs['page.js'].exports;
      return { text, meta: metafile, names, gzipped: gzipSync(contents, { level: 9 }).length };
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
