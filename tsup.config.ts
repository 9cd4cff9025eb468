import { build } from 'esbuild';
import type { Options } from 'tsup';
import { modules, separateModules } from './scripts/bundle/modules';
import { esbuildShaders } from './scripts/bundle/wgsl';

export default {
  entry: modules(),
  format: ['esm', 'cjs'],
  dts: { entry: { index: 'src/index.ts' } },
  clean: true,
  // Not minified: minifying drops the comments that keep bundlers from resolving the dynamic imports.
  minify: false,
  splitting: false,
  platform: 'neutral',
  target: 'es2022',
  external: ['webgpu'],
  esbuildOptions: (options, { format }) => {
    // So CommonJS modules list their exports, without which `import()` of one finds none.
    if (format === 'cjs') options.platform = 'node';
  },
  esbuildPlugins: [separateModules, esbuildShaders],
  // Node loads one file in a third of the time that it takes for all the modules.
  onSuccess: async () => {
    await build({ entryPoints: ['dist/index.js'], outfile: 'dist/node.js', bundle: true, format: 'esm' });
  },
} satisfies Options;
