import { fileURLToPath } from 'node:url';
import { defineConfig, type ProxyOptions } from 'vite';
import { MIRRORS } from '../data/mnist-published';
import { smallMnist } from './small-mnist';

/** `/mirror/0/…` is the first server of MNIST: a page may not read from every server, but its own server may. */
const proxy = Object.fromEntries(
  MIRRORS.map((mirror, i): [string, ProxyOptions] => {
    const { origin, pathname } = new URL(mirror);
    const prefix = `/mirror/${i}/`;
    return [prefix, { target: origin, changeOrigin: true, rewrite: (path) => path.replace(prefix, pathname) }];
  }),
);

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that the built page runs from any folder of any server.
  base: './',
  // A missing file is an error, not the page.
  appType: 'mpa',
  plugins: [smallMnist()],
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1000 },
  worker: { format: 'es' },
  server: { proxy },
  preview: { proxy },
});
