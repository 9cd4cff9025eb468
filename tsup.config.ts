import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  // Not minified: minifying drops the comments that keep bundlers from resolving the dynamic imports.
  minify: false,
  platform: 'neutral',
  target: 'es2022',
  external: ['webgpu'],
  loader: { '.wgsl': 'text' },
});
