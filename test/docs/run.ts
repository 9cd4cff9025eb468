import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chdir, cwd } from 'node:process';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { runInThisContext } from 'node:vm';
import ts from 'typescript';
import * as wgrad from '../../src';
import { openedDevice } from '../support/device';
import { ROOT, type Program } from './markdown';

/** Node's own modules. */
const nodeModule = createRequire(import.meta.url) as (name: string) => unknown;

type Body = (require: (name: string) => unknown, exports: object, console: object) => Promise<void>;

/** What a module that a program imports exports; paths are relative to the page. */
async function load(name: string, page: string): Promise<unknown> {
  if (name === 'wgrad') return wgrad;
  if (name.startsWith('.')) return import(/* @vite-ignore */ join(ROOT, dirname(page), name));
  return nodeModule(name);
}

/** Runs `fn` as a user's program runs: in an empty folder, with what was tuned kept there. */
async function asUser<T>(fn: () => Promise<T>): Promise<T> {
  const [before, folder] = [cwd(), await mkdtemp(join(tmpdir(), 'wgrad-docs-'))];
  const { WGRAD_CACHE } = process.env;
  const settings = globalThis as { WGRAD_TUNE?: string };
  const { WGRAD_TUNE } = settings;
  process.env.WGRAD_CACHE = folder;
  delete settings.WGRAD_TUNE;
  chdir(folder);
  try {
    return await fn();
  } finally {
    chdir(before);
    Object.assign(settings, { WGRAD_TUNE });
    if (WGRAD_CACHE === undefined) delete process.env.WGRAD_CACHE;
    else process.env.WGRAD_CACHE = WGRAD_CACHE;
    await rm(folder, { recursive: true });
  }
}

/** Waits for GPU work that a program left behind; its errors are the program's. */
async function settle(device: wgrad.Device): Promise<void> {
  try {
    await device.finish();
  } catch (error) {
    if (!(error instanceof wgrad.DeviceLostError)) throw error;
  }
}

/** Runs a program in this process and returns the lines that it printed. */
export async function runProgram({ page, line, source }: Program): Promise<string[]> {
  const names = ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);
  const modules = new Map<string, unknown>();
  for (const name of names) modules.set(name, await load(name, page));

  // The first device that a program opens is its default one, whatever ran before in this process.
  const opened: wgrad.Device[] = [];
  const open = async (options?: wgrad.OpenOptions): Promise<wgrad.Device> => {
    const device = await wgrad.open(options);
    if (opened.push(device) === 1) wgrad.setDefaultDevice(device);
    return device;
  };
  if (modules.has('wgrad')) modules.set('wgrad', { ...wgrad, open });

  const printed: string[] = [];
  const print = (...args: unknown[]) => printed.push(...format(...args).split('\n'));
  // A script has no import.meta.
  const script = source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(ROOT + page).href));
  const { outputText } = ts.transpileModule(script, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, removeComments: false },
  });
  const body = runInThisContext(`(async (require, exports, console) => {${outputText}\n})`, {
    filename: `${page}:${line}`,
  }) as Body;
  await asUser(async () => {
    try {
      await body((name) => modules.get(name), {}, { ...console, log: print });
      await Promise.all(opened.map(settle));
    } finally {
      for (const device of opened) device.destroy();
      // Other test files of this process go on with the device that they share.
      const shared = await openedDevice();
      if (shared) wgrad.setDefaultDevice(shared);
    }
  });
  return printed;
}
