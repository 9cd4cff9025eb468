import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { open, type OpenOptions } from '../../../src/open';
import { setDefaultDevice, type Device } from '../../../src/runtime/device';
import { testDevice } from '../device';

/** A cache of the tuner that tests have for themselves, and devices that use it. */
export interface Tuning {
  /** A device that is the default one until the test ends; `tune` is 'cached' where it is not given. */
  device(options?: OpenOptions): Promise<Device>;
  /** The files in the cache. */
  files(): Promise<string[]>;
  read(): Promise<string>;
  write(text: string): Promise<void>;
  clear(): Promise<void>;
}

/** Sets the surroundings up for all tests of a file. */
export function tuning(): Tuning {
  let folder = '';
  let opened: Device[] = [];
  let shared: Device;
  beforeAll(async () => {
    shared = await testDevice();
    folder = await mkdtemp(join(tmpdir(), 'wgrad-tuner-'));
    Object.assign(globalThis, { WGRAD_CACHE: folder });
  });
  afterEach(() => {
    setDefaultDevice(shared);
    for (const device of opened) device.destroy();
    opened = [];
  });
  afterAll(async () => {
    Object.assign(globalThis, { WGRAD_CACHE: undefined });
    await rm(folder, { recursive: true });
  });
  const files = () => readdir(folder);
  const file = async () => join(folder, (await files())[0]);
  return {
    device: async (options = {}) => {
      const device = await open({ tune: 'cached', ...options });
      opened.push(device);
      setDefaultDevice(device);
      return device;
    },
    files,
    read: async () => readFile(await file(), 'utf8'),
    write: async (text) => {
      await writeFile(await file(), text);
    },
    clear: async () => {
      for (const name of await files()) await rm(join(folder, name));
    },
  };
}
