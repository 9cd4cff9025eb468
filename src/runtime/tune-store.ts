import { inNode, nodeModule, readFileWhole, writeFileWhole } from '../device/node-files';
import { setting } from './settings';

/** Keeps texts by key from one run of a program to the next. */
export interface TextStore {
  /** `null` where nothing is kept. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
}

/** The file of a key: in `WGRAD_CACHE`, or else in `wgrad` in `XDG_CACHE_HOME` or `~/.cache`. */
async function fileOf(key: string): Promise<{ folder: string; file: string }> {
  const path = await nodeModule<typeof import('node:path')>('path');
  const { homedir } = await nodeModule<typeof import('node:os')>('os');
  const { createHash } = await nodeModule<typeof import('node:crypto')>('crypto');
  const own = setting('WGRAD_CACHE');
  const { XDG_CACHE_HOME: xdg } = process.env;
  // The XDG specification: a relative path is to be ignored.
  const user = xdg && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache');
  const folder = typeof own === 'string' && own !== '' ? own : path.join(user, 'wgrad');
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return { folder, file: path.join(folder, `tune-${name}.json`) };
}

/** In the user's cache folder (Node). */
const fileStore: TextStore = {
  read: async (key) => {
    const { file } = await fileOf(key);
    const { existsSync } = await nodeModule<typeof import('node:fs')>('fs');
    return existsSync(file) ? new TextDecoder().decode(await readFileWhole(file)) : null;
  },
  write: async (key, text) => {
    const { folder, file } = await fileOf(key);
    const { mkdir } = await nodeModule<typeof import('node:fs/promises')>('fs/promises');
    await mkdir(folder, { recursive: true });
    await writeFileWhole(file, new TextEncoder().encode(text));
  },
};

const TABLE = 'tune';

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB gives no reason'));
    };
  });

async function inDatabase<T>(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open('wgrad', 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(TABLE);
  };
  const database = await done(opening);
  try {
    return await done(ask(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

/** In the page's origin (browsers). */
const pageStore: TextStore = {
  read: async (key) => {
    const text = await inDatabase<unknown>('readonly', (table) => table.get(key));
    return typeof text === 'string' ? text : null;
  },
  write: async (key, text) => {
    await inDatabase('readwrite', (table) => table.put(text, key));
  },
};

/** Where this program keeps things; `null` where it has no such place. */
export function textStore(): TextStore | null {
  if (inNode()) return fileStore;
  return typeof indexedDB === 'undefined' ? null : pageStore;
}
