import { nodeModule, readFileBytes, writeFileAtomic } from '../device/files';
import { setting } from '../device/setting';
import type { TextStore } from './text-store';

/** The file of a key: in `WGRAD_CACHE`, or else in `wgrad` in `XDG_CACHE_HOME` or `~/.cache`. */
async function fileOf(key: string): Promise<{ folder: string; file: string }> {
  const path = await nodeModule<typeof import('node:path')>('path');
  const { homedir } = await nodeModule<typeof import('node:os')>('os');
  const { createHash } = await nodeModule<typeof import('node:crypto')>('crypto');
  const own = setting('WGRAD_CACHE');
  const { XDG_CACHE_HOME: xdg } = process.env;
  // The XDG specification: a relative path is to be ignored. The same rule as in scripts/cache-folder.mjs.
  const user = xdg && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache');
  const folder = typeof own === 'string' && own !== '' ? own : path.join(user, 'wgrad');
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return { folder, file: path.join(folder, `tune-${name}.json`) };
}

/** In the user's cache folder (Node). */
export const fileStore: TextStore = {
  read: async (key) => {
    const { file } = await fileOf(key);
    const { existsSync } = await nodeModule<typeof import('node:fs')>('fs');
    return existsSync(file) ? new TextDecoder().decode(await readFileBytes(file)) : null;
  },
  write: async (key, text) => {
    const { folder, file } = await fileOf(key);
    const { mkdir } = await nodeModule<typeof import('node:fs/promises')>('fs/promises');
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(file, new TextEncoder().encode(text));
  },
};
