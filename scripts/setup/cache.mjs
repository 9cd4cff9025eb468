import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './console.mjs';

/** The folder for what setup fetches: WGRAD_CACHE, else the user's cache, else (a home that cannot be written) /tmp. */
export function cacheFolder(env = process.env) {
  if (env.WGRAD_CACHE) {
    if (isWritable(env.WGRAD_CACHE)) return env.WGRAD_CACHE;
    throw new SetupError(`WGRAD_CACHE names a folder that cannot be written: ${env.WGRAD_CACHE}`);
  }
  const home = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wgrad');
  return isWritable(home) ? home : mustBeWritable(join(tmpdir(), `wgrad-${userInfo().uid}`));
}

function mustBeWritable(folder) {
  if (isWritable(folder)) return folder;
  throw new SetupError(`no folder to keep fetched files in (tried ${folder}); set WGRAD_CACHE to one`);
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
