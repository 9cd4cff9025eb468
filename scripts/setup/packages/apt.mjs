import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../exec.mjs';
import { mainArchive, parseSources, writeSources } from './sources.mjs';

/** What runs Node has these, so the closure stops at them: our own libc under the system's loader would crash. */
const PRESENT = ['libc6', 'libgcc-s1', 'libstdc++6'];

/** apt's hooks clean or announce the system's own state; this apt has a state of its own. */
const HOOKS = ['Update::Pre-Invoke', 'Update::Post-Invoke', 'Update::Post-Invoke-Success'].map(
  (hook) => `APT::${hook}`,
);

const TIMEOUT_MS = 15 * 60_000;

/**
 * Downloads Debian or Ubuntu packages and all that they need into `folder`, as any user and without touching the system:
 * apt runs with a state, a cache and a source list of its own there. Returns the paths of the .deb files.
 * @param {string} suffix of the suite to prefer, '' for the release itself
 */
export async function downloadPackages(folder, packages, codename, suffix) {
  const { status, stdout } = await capture('dpkg', ['--print-architecture']);
  if (status !== 0) throw new Error('there is no apt here');
  const architecture = stdout.trim();
  const archive = mainArchive(readSources('/etc/apt'), codename);
  if (!archive) throw new Error("apt's sources name no archive of this distribution");
  const hasUpdates = readSources('/etc/apt').some(
    ({ uri, suite }) => uri === archive.uri && suite === `${archive.suite}-updates`,
  );
  const target = suffix ? `${codename}${suffix}` : archive.suite;
  const suites = [...new Set([archive.suite, ...(hasUpdates ? [`${archive.suite}-updates`] : []), target])];
  const config = writeConfig(folder, architecture, writeSources(archive, suites, architecture));
  await apt(config, 'update');
  await apt(
    config,
    'install',
    '--yes',
    '--download-only',
    '--no-install-recommends',
    `--target-release=${target}`,
    ...packages,
  );
  const archives = join(folder, 'cache/archives');
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(archives, name));
}

async function apt(config, ...args) {
  const { status, stderr } = await capture('apt-get', ['-q', '-c', config, ...args], {
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    timeout: TIMEOUT_MS,
  });
  if (status === 0) return;
  const lines = stderr.split('\n').filter((line) => /^[EW]: /.test(line));
  throw new Error(`apt-get ${args[0]}: ${(lines.find((line) => line.startsWith('E:')) ?? lines[0] ?? stderr).trim()}`);
}

/** Every source that the machine's apt has and this user may read. */
function readSources(etc) {
  const parts = join(etc, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)) : [];
  return [join(etc, 'sources.list'), ...names.map((name) => join(parts, name))].flatMap((file) => {
    try {
      return parseSources(file, readFileSync(file, 'utf8'));
    } catch {
      return [];
    }
  });
}

/** Writes apt's configuration for `folder`, read after the machine's own (whose proxies and keys apply). */
function writeConfig(folder, architecture, sources) {
  for (const part of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, part), { recursive: true });
  const paragraph = (name) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: ${architecture}\nMulti-Arch: same\nVersion: 99:0\nMaintainer: none\nDescription: present\n`;
  writeFileSync(join(folder, 'status'), PRESENT.map(paragraph).join('\n'));
  writeFileSync(join(folder, 'archive.sources'), sources);
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::Lists': join(folder, 'state/lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Cache::Archives': join(folder, 'cache/archives'),
    'Dir::Etc::SourceList': join(folder, 'archive.sources'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'APT::Architecture': architecture,
    'APT::Architectures::': architecture,
    'APT::Update::Error-Mode': 'any',
    // The user _apt, whom root's apt becomes, may not write to this folder.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
    'Debug::NoLocking': '1',
  };
  const file = join(folder, 'apt.conf');
  const cleared = [...HOOKS, 'APT::Architectures'].map((name) => `#clear ${name};\n`);
  const set = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  writeFileSync(file, [...cleared, ...set].join(''));
  return file;
}
