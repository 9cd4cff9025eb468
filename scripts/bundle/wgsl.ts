import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Spaces that part no two words and no two operators (`a - -b` keeps one). */
const NEEDLESS = /(?<=[,;:(){}[\]]) +| +(?=[,;:(){}[\]])|(?<=\w) +(?=[^\w\s])|(?<=[^\w\s]) +(?=\w)/g;

/**
 * A shader without what only its readers need: comments, indentation, empty lines, spaces. Lines of the template language
 * (`//@if …`) are no comments; names and lines stay, so that a WGSL compiler's messages can be read.
 */
export function shrinkWgsl(source: string): string {
  return source
    .split('\n')
    .map((line) => line.trim())
    .map((line) => (line.startsWith('//@') ? line : line.replace(/\s*\/\/.*/, '').replace(NEEDLESS, '')))
    .filter((line) => line !== '')
    .join('\n');
}

const shrunk = async (path: string): Promise<string> => shrinkWgsl(await readFile(path, 'utf8'));

/** For esbuild: a module of the shrunk text, in the form that its importers want (`import source from './x.wgsl?raw'`). */
export const esbuildShaders: Plugin = {
  name: 'shaders',
  setup(build) {
    const head = build.initialOptions.format === 'cjs' ? 'module.exports =' : 'export default';
    build.onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
      contents: `${head} ${JSON.stringify(await shrunk(path))};`,
      loader: 'js',
    }));
  },
};

/** The same for Vite. */
export const viteShaders = {
  name: 'shaders',
  enforce: 'pre' as const,
  async load(id: string): Promise<string | undefined> {
    const [, path] = /^(.*\.wgsl)\?raw$/.exec(id) ?? [];
    return path && `export default ${JSON.stringify(await shrunk(path))}`;
  },
};
