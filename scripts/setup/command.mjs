import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './console.mjs';

const USAGE = 'usage: node scripts/setup.mjs [run [--build] [--chromium] [--no-adapter] <command> [args ...]]';

const FLAGS = new Map([
  ['--build', { build: true }],
  ['--chromium', { chromium: true }],
  ['--no-adapter', { adapter: false }],
]);

/**
 * Parses the command line: `{ build, chromium, adapter, command, args }`, without a command when there is only set-up to do.
 */
export function parseUsage([verb, ...rest]) {
  const options = { build: false, chromium: false, adapter: true };
  if (verb === undefined) return { ...options, command: undefined, args: [] };
  if (verb !== 'run') throw new SetupError(`unknown argument '${verb}'; ${USAGE}`);
  while (FLAGS.has(rest[0])) Object.assign(options, FLAGS.get(rest.shift()));
  const [command, ...args] = rest;
  if (command === undefined) throw new SetupError(`run needs a command; ${USAGE}`);
  if (command.startsWith('-')) throw new SetupError(`unknown option '${command}'; ${USAGE}`);
  return { ...options, command, args };
}

/** `[file, args, options]` for spawn: `node`, or a command that one of the installed packages brings. */
export function commandLine(root, command, args) {
  if (command === 'node') return [process.execPath, args, {}];
  const windows = process.platform === 'win32';
  const file = join(root, 'node_modules', '.bin', windows ? `${command}.cmd` : command);
  if (!existsSync(file)) throw new SetupError(`there is no command '${command}' in node_modules/.bin`);
  // Windows runs a .cmd file only through its shell, which takes one line of text.
  return windows
    ? [`"${file}"`, args.map((arg) => `"${arg.replaceAll('"', '""')}"`), { shell: true }]
    : [file, args, {}];
}
