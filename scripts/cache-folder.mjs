import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder for what is fetched or measured once: WGRAD_CACHE, or else wgrad in the user's cache folder. src/tune/file-store.lazy.ts has
 * the same rule for itself; test/scripts/cache-folder.test.ts compares the two.
 */
export function cacheFolder(env = process.env) {
  if (env.WGRAD_CACHE) return env.WGRAD_CACHE;
  const { XDG_CACHE_HOME: xdg } = env;
  // The XDG specification: a relative path is to be ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'wgrad');
}
