import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writableCacheFolder } from './cache.mjs';
import { say, SetupError } from './console.mjs';
import { withLock } from './lock.mjs';
import { npm } from './packages/npm.mjs';

/** Runs `npm ci` in `root` unless node_modules already holds what package-lock.json asks for. */
export async function installDependencies(root) {
  if (!staleReason(root)) return;
  await withLock(lockFile(root, 'npm'), async () => {
    const reason = staleReason(root);
    if (!reason) return;
    say(`installing the dependencies with npm ci (${reason}) ...`);
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = await npm(args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new SetupError(`npm ci failed (exit code ${status}); its message is above`);
  });
}

/** A lock for work inside the checkout: outside it, as npm ci removes node_modules and tsup removes dist. */
export function lockFile(root, work) {
  return join(writableCacheFolder(), `${work}-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
}

function staleReason(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules is missing';
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const isThere = (path) => existsSync(join(root, path));
  return firstDifference(packages(join(root, 'package-lock.json')), packages(installed), isThere);
}

/**
 * Why the installed packages are not those of the lock file, in words, or undefined. Both are the `packages`
 * of a lock file; `isThere` says whether a package's folder exists. Optional packages may be absent: most are for other platforms.
 */
export function firstDifference(expected, installed, isThere) {
  for (const [path, want] of Object.entries(expected)) {
    if (path === '' || want.link) continue;
    const have = installed[path];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (!have && want.optional) continue;
    if (!have || !isThere(path)) return `${name} is missing`;
    const differs =
      have.version !== want.version || (have.integrity ?? want.integrity) !== (want.integrity ?? have.integrity);
    if (differs) return `${name} ${have.version} is not the ${want.version} of package-lock.json`;
  }
  return undefined;
}
