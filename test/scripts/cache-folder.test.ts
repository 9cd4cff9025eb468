import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mnistCacheDir } from '../../examples/data/mnist-full';
import { cacheFolder } from '../../scripts/cache-folder.mjs';
import { fileStore } from '../../src/tune/file-store.lazy';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'wgrad-home-'));
  vi.stubEnv('HOME', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

it.each([
  ['WGRAD_CACHE', { WGRAD_CACHE: '/own', XDG_CACHE_HOME: '/xdg' }, 'own'],
  ['an absolute XDG_CACHE_HOME', { WGRAD_CACHE: '', XDG_CACHE_HOME: '/xdg' }, 'xdg/wgrad'],
  ['the home instead of a relative XDG_CACHE_HOME', { WGRAD_CACHE: '', XDG_CACHE_HOME: 'relative' }, '.cache/wgrad'],
  ['the home', { WGRAD_CACHE: '', XDG_CACHE_HOME: '' }, '.cache/wgrad'],
])('the library, the setup and the examples cache in %s', async (_, variables, folder) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, isAbsolute(value) ? home + value : value);
  await fileStore.write('key', 'text');
  expect(await readdir(join(home, folder))).toEqual([expect.stringMatching(/^tune-/)]);
  expect(existsSync('relative')).toBe(false);
  expect(cacheFolder()).toBe(join(home, folder));
  expect(mnistCacheDir()).toBe(join(home, folder, 'mnist'));
});
