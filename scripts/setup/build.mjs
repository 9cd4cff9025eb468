import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './command.mjs';
import { say, SetupError } from './console.mjs';
import { capture } from './exec.mjs';
import { lockFile } from './install.mjs';
import { withLock } from './lock.mjs';

const INPUTS = ['src', 'shaders', 'scripts/bundle', 'tsup.config.ts', 'package.json'];

/** Builds dist/ when a file that it is made from is newer, or when a part of it is missing. */
export async function buildIfStale(root) {
  if (!isStale(root)) return;
  await withLock(lockFile(root, 'build'), async () => {
    if (!isStale(root)) return;
    say('building dist/ with tsup ...');
    const [file, args, options] = commandLine(root, 'tsup', []);
    const { status, stdout, stderr } = await capture(file, args, { cwd: root, ...options });
    if (status !== 0) throw new SetupError(`the build failed:\n${stdout}${stderr}`);
  });
}

function isStale(root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const built = Math.min(...filesNamed(exports).map((file) => modified(join(root, file)) ?? -Infinity));
  return built < Math.max(...INPUTS.map((input) => newest(join(root, input))));
}

/** The files that package.json's `exports` name, at any depth of conditions. */
function filesNamed(exports) {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(filesNamed);
}

/** A folder's own time counts too: it changes when a file is removed. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? -Infinity;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
