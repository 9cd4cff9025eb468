import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** Spaces that separate neither two words nor two operators (`a - -b` keeps one). */
const NEEDLESS = /(?<=[,;:(){}[\]]) +| +(?=[,;:(){}[\]])|(?<=\w) +(?=[^\w\s])|(?<=[^\w\s]) +(?=\w)/g;

/** Spaces around the operators of a line of the template language. */
const NEEDLESS_IN_TEMPLATE = / *([-+*/%<>=!&|()]+) */g;

const TEMPLATE = /@\{[^}]*\}/g;

/** A line of WGSL without needless spaces. What the template language fills in counts as a word: `return @{F}(x)` keeps its space. */
function shrinkLine(line: string): string {
  const expressions = line.match(TEMPLATE) ?? [];
  let next = 0;
  return line
    .replace(TEMPLATE, 'TEMPLATE')
    .replace(NEEDLESS, '')
    .replace(/TEMPLATE/g, () => expressions[next++].replace(NEEDLESS_IN_TEMPLATE, '$1'));
}

/**
 * A shader without what only its readers need: comments, indentation, empty lines, spaces. Lines of the template
 * language (`//@if …`) are no comments; lines stay, so that a WGSL compiler's messages can be read.
 */
export function shrinkWgsl(source: string): string {
  return source
    .split('\n')
    .map((line) => line.trim())
    .map((line) =>
      line.startsWith('//@')
        ? line.replace(/(?<=^\/\/@\w+ ).*/, (rest) => rest.replace(NEEDLESS_IN_TEMPLATE, '$1'))
        : shrinkLine(line.replace(/\s*\/\/.*/, '')),
    )
    .filter((line) => line !== '')
    .join('\n');
}

const shrunk = (path: string): string => shrinkWgsl(readFileSync(path, 'utf8'));

/**
 * For esbuild: a module of the shrunk text, in the form that its importers expect (`import source from
 * './x.wgsl?raw'`).
 */
export const esbuildShaders: Plugin = {
  name: 'shaders',
  setup(build) {
    const head = build.initialOptions.format === 'cjs' ? 'module.exports =' : 'export default';
    build.onLoad({ filter: /\.wgsl$/ }, ({ path }) => ({
      contents: `${head} ${JSON.stringify(shrunk(path))};`,
      loader: 'js',
    }));
  },
};

/** The same for Vite. */
export const viteShaders = {
  name: 'shaders',
  enforce: 'pre' as const,
  load(id: string): string | undefined {
    const [, path] = /^(.*\.wgsl)\?raw$/.exec(id) ?? [];
    return path && `export default ${JSON.stringify(shrunk(path))}`;
  },
};
