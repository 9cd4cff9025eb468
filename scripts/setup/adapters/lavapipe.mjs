import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { downloadPackages } from '../packages/apt.mjs';
import { capture } from '../exec.mjs';

const DRIVER = 'libvulkan_lvp.so';
const LOADER = 'libvulkan.so.1';

/** Releases whose own Mesa Dawn refuses (Debian 12: 22.3.6), and the suite that holds a newer one. */
const NEWER_MESA = { 'debian bookworm': '-backports' };

const release = readRelease();

/** Mesa's software Vulkan driver, from the packages of the distribution. */
export const lavapipe = {
  name: 'lavapipe',
  folder: `lavapipe-${release.id}${release.version}-${process.arch}`,
  about: "Mesa's software driver; about 60 MB, by apt, without root",

  /** Fills `folder` with the loader, the driver, icd.json and every library they need but libc's. */
  async fetch(folder, work) {
    const { id, codename } = release;
    if (!codename) throw new Error('/etc/os-release names no Debian or Ubuntu release');
    const suffix = NEWER_MESA[`${id} ${codename}`] ?? '';
    const root = join(work, 'root');
    mkdirSync(root);
    for (const deb of await downloadPackages(work, ['mesa-vulkan-drivers', 'libvulkan1'], codename, suffix)) {
      const { status, stderr } = await capture('dpkg-deb', ['--extract', deb, root]);
      if (status !== 0) throw new Error(`dpkg-deb: ${stderr.trim()}`);
    }
    await keepLibraries(root, folder);
    writeManifest(join(root, 'usr/share/vulkan/icd.d'), folder);
  },
};

function readRelease() {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const field = (name) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1];
  return {
    id: field('ID') ?? '',
    version: field('VERSION_ID') ?? '',
    codename: field('UBUNTU_CODENAME') ?? field('VERSION_CODENAME'),
  };
}

/** Moves what the driver and the loader load, by ldd's account, from the unpacked packages into one folder. */
async function keepLibraries(root, folder) {
  const folders = ['lib', 'usr/lib'].flatMap((path) => {
    const parent = join(root, path);
    const triplets = existsSync(parent) ? readdirSync(parent).filter((name) => name.includes('-linux-gnu')) : [];
    return triplets.map((name) => join(parent, name));
  });
  const roots = [DRIVER, LOADER].map((name) => folders.map((path) => join(path, name)).find(existsSync));
  if (roots.includes(undefined)) throw new Error(`the packages hold no ${DRIVER}`);
  const { status, stdout, stderr } = await capture('ldd', roots, {
    env: { ...process.env, LD_LIBRARY_PATH: folders.join(':') },
  });
  if (status !== 0) throw new Error(`ldd: ${stderr.trim()}`);
  const missing = /^\s*(\S+) => not found/m.exec(stdout)?.[1];
  if (missing) throw new Error(`${missing} is in none of the packages`);
  const needed = [...stdout.matchAll(/^\s*(\S+) => (\/\S+)/gm)].filter(([, , path]) => path.startsWith(root));
  const files = new Map([
    ...roots.map((path) => [path.split('/').at(-1), path]),
    ...needed.map(([, name, path]) => [name, path]),
  ]);
  for (const [name, path] of files) renameSync(realpathSync(path), join(folder, name));
}

/** The driver's manifest, with a path that holds wherever the folder lies. */
function writeManifest(manifests, folder) {
  const name = readdirSync(manifests).find((file) => file.startsWith('lvp_icd'));
  const manifest = JSON.parse(readFileSync(join(manifests, name), 'utf8'));
  manifest.ICD.library_path = `./${DRIVER}`;
  writeFileSync(join(folder, 'icd.json'), JSON.stringify(manifest));
}
