import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writableCacheFolder } from '../cache.mjs';
import { say, SetupError, tidyPath } from '../console.mjs';
import { capture, onExit } from '../exec.mjs';
import { lavapipe } from './lavapipe.mjs';
import { withLock } from '../lock.mjs';
import { swiftshader } from './swiftshader.mjs';

const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url));
const PROBE_TIMEOUT_MS = 30_000;
const DAWN_MISSING = 4; // probe.mjs: NO_DAWN

/** From the fastest to the slowest. */
const PROVIDERS = [lavapipe, swiftshader];
const CHOICES = ['system', ...PROVIDERS.map(({ name }) => name.toLowerCase())];

/**
 * Finds a WebGPU adapter: the machine's own, else a software one that is or gets unpacked in the cache folder.
 * Resolves to `{ name, info, env }`, where `env` is what the command's environment needs for it (nothing, for the machine's own).
 */
export async function findAdapter() {
  const choice = process.env.WGRAD_ADAPTER || undefined;
  if (choice && !CHOICES.includes(choice))
    throw new SetupError(`WGRAD_ADAPTER is '${choice}', not one of ${CHOICES.join(', ')}`);
  const providers = PROVIDERS.filter(({ name }) => !choice || name.toLowerCase() === choice).map((provider) => ({
    ...provider,
    folder: choice === 'system' ? '' : join(writableCacheFolder(), provider.folder),
  }));
  const cached = providers.find(({ folder }) => isReady(folder));
  const useSystem = !choice || choice === 'system';
  // At once: each takes a third of a second.
  const [system, software] = await Promise.all([
    useSystem ? probe({}) : undefined,
    cached && probe(environment(cached.folder)),
  ]);
  if (system?.info) return { name: 'system', ...system, env: {} };
  if (software?.info) return { name: cached.name, ...software, env: environment(cached.folder) };
  const tried = system ? [['this machine', system.reason]] : [];
  if (cached) {
    say(`the ${cached.name} in ${tidyPath(cached.folder)} has stopped working (${software.reason}); removing it`);
    rmSync(cached.folder, { recursive: true, force: true });
  }
  for (const provider of process.platform === 'linux' ? providers : []) {
    try {
      return await provide(provider);
    } catch (error) {
      tried.push([provider.name, error.message]);
      if (provider !== providers.at(-1)) say(`${provider.name} is not available: ${error.message}`);
    }
  }
  throw new SetupError(failure(tried, choice));
}

/** Asks a child process for the adapter that Dawn finds: `{ info }`, or `{ reason }` for there being none. */
async function probe(env, ...args) {
  const options = { env: { ...process.env, ...env }, timeout: PROBE_TIMEOUT_MS };
  const { status, stdout, stderr } = await capture(process.execPath, [PROBE, ...args], options);
  if (status === DAWN_MISSING)
    throw new SetupError(`Dawn, the WebGPU of Node (npm's webgpu), does not load here: ${stdout.trim()}`);
  if (status === 0) return { info: JSON.parse(stdout) };
  if (status === 124) return { reason: `no answer within ${PROBE_TIMEOUT_MS / 1000} s` };
  const dawn = /Couldn't load Vulkan: .*|.*\brequired\b.*/.exec(stderr)?.[0];
  return { reason: dawn ?? (stdout.trim() || `the probe ended with code ${status}`) };
}

/** The folder holds icd.json once it is complete and has been tried: it gets its name last. */
const isReady = (folder) => folder !== '' && existsSync(join(folder, 'icd.json'));

/** Dawn loads libvulkan.so.1 by its name, and that loads the driver which the manifest names. */
function environment(folder) {
  const manifest = join(folder, 'icd.json');
  const path = process.env.LD_LIBRARY_PATH;
  // VK_ICD_FILENAMES is the older loaders' name for VK_DRIVER_FILES.
  return {
    VK_DRIVER_FILES: manifest,
    VK_ICD_FILENAMES: manifest,
    LD_LIBRARY_PATH: path ? `${folder}:${path}` : folder,
  };
}

/** Fetches a software adapter into a temporary folder, tries it there, and only then gives the folder its name. */
async function provide({ name, about, folder, fetch }) {
  return withLock(`${folder}.lock`, async () => {
    if (!isReady(folder)) {
      say(`no WebGPU adapter here; fetching ${name} (${about}) into ${tidyPath(folder)} ...`);
      const parent = dirname(folder);
      const leftOver = readdirSync(parent).filter((entry) => entry.startsWith(`${basename(folder)}.tmp-`));
      for (const entry of leftOver) rmSync(join(parent, entry), { recursive: true, force: true });
      const temporary = mkdtempSync(`${folder}.tmp-`);
      const remove = () => rmSync(temporary, { recursive: true, force: true });
      const forget = onExit(remove);
      try {
        const [ready, work] = ['ready', 'work'].map((part) => join(temporary, part));
        mkdirSync(ready);
        mkdirSync(work);
        await fetch(ready, work);
        const { reason } = await probe(environment(ready), '--compute');
        if (reason) throw new Error(reason);
        rmSync(folder, { recursive: true, force: true }); // one that lacks files
        renameSync(ready, folder);
      } finally {
        forget();
        remove();
      }
    }
    const { info, reason } = await probe(environment(folder));
    if (reason) throw new Error(reason);
    return { name, info, env: environment(folder) };
  });
}

function failure(tried, choice) {
  const width = Math.max(...tried.map(([name]) => name.length));
  const lines = tried.map(([name, reason]) => `  ${name.padEnd(width)}  ${reason.split('\n')[0]}`);
  const advice = {
    linux:
      "Install your GPU's Vulkan driver, or as root: apt-get install libvulkan1 mesa-vulkan-drivers (Mesa 23 or newer).",
    darwin: 'Dawn needs a Mac with Metal; virtual machines often have none.',
    win32: 'Dawn needs a GPU driver with Direct3D 12 or Vulkan: install or update it.',
  };
  const limit = choice ? ` (WGRAD_ADAPTER=${choice} allows no other)` : '';
  const title = `found no WebGPU adapter and could provide none${limit}:`;
  return [title, ...lines, `  ${advice[process.platform] ?? advice.linux}`].join('\n');
}
