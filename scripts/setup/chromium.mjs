import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { writableCacheFolder } from './cache.mjs';
import { say } from './console.mjs';
import { capture } from './exec.mjs';
import { withLock } from './lock.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APT_TIMEOUT_MS = 15 * 60_000;

/** Where a Chromium may be, in order of preference: what the environment names, then what PATH holds. */
function candidates(env) {
  const named = env.WGRAD_CHROMIUM || env.CHROME_PATH;
  if (named) return [named];
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).filter((path) => existsSync(path));
}

/**
 * A Chromium to run tests in: one that is here, else the one of Debian's own packages where this is root on a Debian.
 * Resolves to `{ path }`, or to `{ reason }` for there being none.
 */
export async function provideChromium(env = process.env) {
  const here = candidates(env);
  for (const path of here) if (await runs(path)) return { path };
  if (here.length > 0) return { reason: `${here[0]} does not run` };
  if (!isDebian()) return { reason: 'found none in PATH; WGRAD_CHROMIUM names one elsewhere' };
  if (process.getuid?.() !== 0) return { reason: 'found none; as root: apt-get install chromium' };
  const error = await withLock(join(writableCacheFolder(), 'chromium.lock'), () => install(env));
  const [path] = candidates(env);
  return path && (await runs(path)) ? { path } : { reason: error ?? 'the one of the package does not run' };
}

/** Ubuntu's package of the same name is a stub that wants a snap, and that answers with an error. */
async function runs(path) {
  return (await capture(path, ['--version'], { timeout: 60_000 })).status === 0;
}

const isDebian = () => existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** Installs Debian's package; resolves to what went wrong. */
async function install(env) {
  if (candidates(env).length > 0) return undefined; // installed by another setup meanwhile
  say('no Chromium here; installing it with apt-get (about 115 MB) ...');
  const options = { env: { ...env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }, timeout: APT_TIMEOUT_MS };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const { status, stderr } = await capture('apt-get', ['-q', ...args], options);
    const lines = stderr.split('\n');
    if (status !== 0) return `apt-get ${args[0]}: ${(lines.find((line) => line.startsWith('E:')) ?? stderr).trim()}`;
  }
  return undefined;
}
