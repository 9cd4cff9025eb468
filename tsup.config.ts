import { build } from 'esbuild';
import type { Options } from 'tsup';
import { modules, separateModules } from './scripts/bundle/modules';
import { esbuildShaders } from './scripts/bundle/wgsl';

export default {
  entry: modules(),
  format: ['esm', 'cjs'],
  // Users see what is theirs: what is marked @internal is left out.
  dts: { entry: { index: 'src/index.ts' }, compilerOptions: { stripInternal: true } },
  clean: true,
  // Not minified: that would drop the comments that stop bundlers from resolving the imports of Node's modules.
  minify: false,
  splitting: false,
  platform: 'neutral',
  target: 'es2022',
  external: ['webgpu'],
  esbuildOptions: (options, { format }) => {
    // Makes CommonJS modules list their exports, without which `import()` of one finds no names.
    if (format === 'cjs') options.platform = 'node';
  },
  esbuildPlugins: [separateModules, esbuildShaders],
  // Node loads one file in a third of the time that all modules would take.
  onSuccess: async () => {
    await build({ entryPoints: ['dist/index.js'], outfile: 'dist/node.js', bundle: true, format: 'esm' });
  },
} satisfies Options;
