import { accessSync, constants, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.mjs';
import { SetupError } from './console.mjs';

/** The cache folder or, where the user's cannot be written, one in /tmp. */
export function writableCacheFolder(env = process.env) {
  const folder = cacheFolder(env);
  if (isWritable(folder)) return folder;
  if (env.WGRAD_CACHE) throw new SetupError(`WGRAD_CACHE names a folder that cannot be written: ${folder}`);
  return mustBeWritable(join(tmpdir(), `wgrad-${userInfo().uid}`));
}

function mustBeWritable(folder) {
  if (isWritable(folder)) return folder;
  throw new SetupError(`no writable folder for fetched files (tried ${folder}); set WGRAD_CACHE to one`);
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
