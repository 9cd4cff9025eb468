import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const filesIn = (folder: string, end: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => end.test(name));

/** The modules of the published library by name: its source files, and its shaders in a folder of their own. */
export const modules = (): Record<string, string> =>
  Object.fromEntries([
    ...filesIn('src', /(?<!\.d)\.ts$/).map((name) => [name.slice(0, -'.ts'.length), `src/${name}`]),
    ...filesIn('shaders', /\.wgsl$/).map((name) => [`shaders/${name}`, `shaders/${name}`]),
  ]) as Record<string, string>;

/**
 * For esbuild, with `modules()` as the entries: each remains a module of its own. A bundler can drop a module that a
 * page does not use, but not parts of `export * as nn` in one large file.
 */
export const separateModules: Plugin = {
  name: 'separate-modules',
  setup(build) {
    const extension = build.initialOptions.format === 'cjs' ? '.cjs' : '.js';
    const external = (path: string) => ({ path: `./${path}${extension}`, external: true });
    build.onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point') return undefined;
      // dist has no folder src, so shaders/ is one level nearer.
      if (path.endsWith('.wgsl?raw')) return external(path.replace('../shaders/', 'shaders/').slice(0, -'?raw'.length));
      const module = [path, `${path}/index`].find((name) => existsSync(join(resolveDir, `${name}.ts`)));
      return module === undefined ? undefined : external(module);
    });
  },
};
