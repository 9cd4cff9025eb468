// Sets this checkout up where needed, and runs a command in it:
//   node scripts/setup.mjs [run [--build] [--chromium] [--no-adapter] <command> [args ...]]
// installs the dependencies, finds a WebGPU adapter (or fetches a software one into the user's cache folder), builds dist/
// if --build asks for it, and then runs the command of node_modules/.bin. With --chromium the command finds the path of a
// Chromium in WGRAD_CHROMIUM, if there is one or apt can install it (as root on Debian); with --no-adapter it needs no adapter
// in Node. WGRAD_ADAPTER=system|lavapipe|swiftshader forces the adapter; WGRAD_CACHE names another cache folder.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAdapter } from './setup/adapters/adapter.mjs';
import { buildIfStale } from './setup/build.mjs';
import { provideChromium } from './setup/chromium.mjs';
import { commandLine, parseUsage } from './setup/command.mjs';
import { say, SetupError } from './setup/console.mjs';
import { runToEnd } from './setup/exec.mjs';
import { installDependencies } from './setup/install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Measured: a fifth of lavapipe's speed. */
const SLOW = { SwiftShader: ' (slow; `WGRAD_ADAPTER=lavapipe npm run setup` fetches a faster one by apt)' };

async function main() {
  const { build, chromium, adapter, command, args } = parseUsage(process.argv.slice(2));
  await installDependencies(root);
  const commandToRun = command && commandLine(root, command, args);
  const { name, info, env } = adapter ? await findAdapter() : { name: 'system', env: {} };
  if (!commandToRun) {
    const kind = name === 'system' ? '' : ` with ${name}, in software`;
    say(`ready: dependencies installed, WebGPU${kind} on ${info.description || info.device || info.vendor}`);
    return 0;
  }
  if (build) await buildIfStale(root);
  if (name !== 'system') say(`found no GPU: computing on the CPU with ${name}${SLOW[name] ?? ''}`);
  if (chromium) env.WGRAD_CHROMIUM = await chromiumPath();
  const [file, commandArgs, options] = commandToRun;
  return runToEnd(file, commandArgs, { ...options, env: { ...process.env, ...env } });
}

/** Empty if there is none. */
async function chromiumPath() {
  const { path = '', reason } = await provideChromium();
  if (!path) say(`no Chromium, so no tests in a browser: ${reason}`);
  return path;
}

try {
  process.exitCode = await main();
} catch (error) {
  // An error of ours or of the system (a full disk) explains itself; anything else is a bug.
  say(error instanceof SetupError || error.code ? error.message : error.stack);
  process.exitCode = 1;
}
