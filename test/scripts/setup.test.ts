import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Entry {
  uri: string;
  suite: string;
  components: string[];
  signedBy?: string;
}
type Packages = Record<string, { version?: string; integrity?: string; optional?: boolean }>;

/** The scripts are plain JavaScript without declarations. */
const load = async (name: string): Promise<unknown> =>
  import(new URL(`../../scripts/setup/${name}`, import.meta.url).href);

const { parseSources, mainArchive, writeSources } = (await load('packages/sources.mjs')) as {
  parseSources: (name: string, text: string) => Entry[];
  mainArchive: (entries: Entry[], codename: string) => Entry | undefined;
  writeSources: (entry: Entry, suites: string[], architecture: string) => string;
};
const { firstDifference } = (await load('install.mjs')) as {
  firstDifference: (expected: Packages, installed: Packages, isThere: (path: string) => boolean) => string | undefined;
};
const { npmEnvironment } = (await load('packages/npm.mjs')) as {
  npmEnvironment: (env: Record<string, string>) => Record<string, string>;
};
const { tarFiles } = (await load('packages/tar.mjs')) as {
  tarFiles: (archive: Buffer) => Iterable<{ name: string; content: Buffer }>;
};
const { provideChromium } = (await load('chromium.mjs')) as {
  provideChromium: (env: Record<string, string>) => Promise<{ path?: string; reason?: string }>;
};
const { parseUsage } = (await load('command.mjs')) as { parseUsage: (argv: string[]) => unknown };

const MAIN = { uri: 'http://deb.debian.org/debian', suite: 'bookworm', components: ['main'] };

describe('apt sources', () => {
  it('reads one-line entries with and without options', () => {
    const text = `# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] https://deb.example/debian bookworm main contrib # comment
deb-src https://deb.example/debian bookworm main
deb http://deb.example/debian bookworm-updates main`;
    expect(parseSources('sources.list', text)).toEqual([
      { uri: 'https://deb.example/debian', suite: 'bookworm', components: ['main', 'contrib'], signedBy: '/k.gpg' },
      { uri: 'http://deb.example/debian', suite: 'bookworm-updates', components: ['main'], signedBy: undefined },
    ]);
  });

  it('reads stanzas: several suites, comments, disabled ones, a key in the text', () => {
    const text = `Types: deb deb-src
# URIs: http://commented.example
URIs: http://deb.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc=

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main
`;
    const entries = parseSources('debian.sources', text);
    expect(entries.map(({ uri, suite }) => [uri, suite])).toEqual([
      ['http://deb.example/debian', 'trixie'],
      ['http://deb.example/debian', 'trixie-updates'],
    ]);
    expect(writeSources(entries[0], ['trixie'], 'amd64')).toMatch(/\nSigned-By:\n -----BEGIN[^\n]*\n \.\n abc=\n$/);
  });

  it("prefers the distribution's own archive to third parties that look like it", () => {
    const ppa = { uri: 'https://ppa.example/some/ppa/ubuntu', suite: 'jammy', components: ['main'] };
    const corporate = { uri: 'https://mirror.corp.example/ubuntu/', suite: 'jammy', components: ['main', 'universe'] };
    const updates = { ...corporate, suite: 'jammy-updates' };
    expect(mainArchive([ppa, updates, corporate], 'jammy')).toBe(corporate);

    const vendor = { uri: 'https://packages.vendor.example/debian/12/prod', suite: 'bookworm', components: ['main'] };
    const docker = { uri: 'https://download.example/linux/debian', suite: 'bookworm', components: ['stable'] };
    expect(mainArchive([vendor, docker, MAIN], 'bookworm')).toBe(MAIN);
    expect(mainArchive([docker], 'bookworm')).toBeUndefined();
  });
});

describe('staleness of node_modules', () => {
  const installed: Packages = {
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a/node_modules/@s/b': { version: '2.0.0', integrity: 'sha512-b' },
  };
  const lock = {
    '': { version: '0.1.0' },
    ...installed,
    'node_modules/other-platform': { version: '3.0.0', optional: true },
  };
  const there = () => true;

  it('accepts an installation without the optional packages, and with more than was asked for', () => {
    expect(firstDifference(lock, { ...installed, 'node_modules/extra': { version: '1.0.0' } }, there)).toBeUndefined();
  });

  it('names what is missing, of another version, or removed by hand', () => {
    const onlyA = { 'node_modules/a': installed['node_modules/a'] };
    expect(firstDifference(lock, onlyA, there)).toBe('@s/b is missing');
    const old = { ...installed, 'node_modules/a': { version: '0.9.0' } };
    expect(firstDifference(lock, old, there)).toBe('a 0.9.0 is not the 1.0.0 of package-lock.json');
    expect(firstDifference(lock, installed, (path) => path !== 'node_modules/a')).toBe('a is missing');
  });
});

it('an npm inside an npm script keeps the registry but not the options of the outer one', () => {
  const env = {
    PATH: '/bin',
    npm_config_registry: 'r',
    npm_config_dry_run: 'true',
    npm_config_omit: 'dev',
    NODE_ENV: 'production',
  };
  expect(npmEnvironment(env)).toEqual({ PATH: '/bin', npm_config_registry: 'r' });
});

it('tarFiles reads names with a prefix and skips what is not a file', () => {
  const header = (name: string, prefix: string, size: number, type: string): Buffer => {
    const block = Buffer.alloc(512);
    block.write(name, 0);
    block.write(size.toString(8).padStart(11, '0'), 124);
    block.write(type, 156);
    block.write('ustar', 257);
    block.write(prefix, 345);
    return block;
  };
  const body = (text: string): Buffer => Buffer.concat([Buffer.from(text)], Math.ceil(text.length / 512) * 512);
  const long = 'x'.repeat(600);
  const parts = [
    header('dir/', '', 0, '5'),
    header('a', 'dir', 600, '0'),
    body(long),
    header('b', '', 2, '0'),
    body('hi'),
  ];
  const files = [...tarFiles(Buffer.concat([...parts, Buffer.alloc(1024)]))];
  expect(files.map(({ name, content }) => [name, content.toString()])).toEqual([
    ['dir/a', long],
    ['b', 'hi'],
  ]);
});

it('parseUsage keeps the arguments of the command as they are', () => {
  expect(parseUsage(['run', '--build', 'tsx', 'a.ts', '--build'])).toEqual({
    build: true,
    chromium: false,
    adapter: true,
    command: 'tsx',
    args: ['a.ts', '--build'],
  });
  expect(parseUsage(['run', '--chromium', 'vitest', 'run'])).toMatchObject({ build: false, chromium: true });
  expect(parseUsage(['run', '--build', '--no-adapter', 'tsx'])).toMatchObject({ build: true, adapter: false });
  expect(() => parseUsage(['run'])).toThrow(/^run needs a command; usage: /);
  expect(() => parseUsage(['go'])).toThrow("unknown argument 'go'");
});

describe('provideChromium', () => {
  it('takes the one that the environment names, if it runs', async () => {
    expect(await provideChromium({ CHROME_PATH: process.execPath })).toEqual({ path: process.execPath });
    expect(await provideChromium({ WGRAD_CHROMIUM: '/nowhere/chrome', CHROME_PATH: process.execPath })).toEqual({
      reason: '/nowhere/chrome does not run',
    });
  });

  it('finds one in PATH, and passes over one that does not run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wgrad-chromium-'));
    const [stub, real] = ['chromium', 'google-chrome'].map((name) => join(folder, name));
    await writeFile(stub, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await provideChromium({ PATH: folder })).toEqual({ reason: `${stub} does not run` });
    await writeFile(real, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    expect(await provideChromium({ PATH: folder })).toEqual({ path: real });
    await rm(folder, { recursive: true });
  });
});
